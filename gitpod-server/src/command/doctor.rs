use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use gitpod_content::local::DiskLimits;
use gitpod_core::Result;
use gitpod_runtime::sandbox;

use super::options::ConfigOptions;
use super::say;
use crate::assemble;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigOptions,
}

/// One thing that was looked for.
struct Finding {
    name: String,
    ok: bool,
    /// Whether workspaces cannot run without it.
    required: bool,
    detail: String,
    fix: String,
}

impl Finding {
    fn new(name: &str, ok: bool, detail: String, fix: &str) -> Self {
        Self {
            name: name.to_owned(),
            ok,
            required: true,
            detail,
            fix: fix.to_owned(),
        }
    }
}

/// Prints what is there and what is missing; fails when a workspace could not run.
pub(super) fn run(options: Options) -> Result<ExitCode> {
    let config = options.config.load()?;
    let mut findings: Vec<Finding> = sandbox::doctor()
        .into_iter()
        .map(|found| Finding {
            required: found.required,
            ..Finding::new(found.name, found.ok, found.detail, found.how_to_fix)
        })
        .collect();
    findings.push(program(
        "git",
        "brings repositories in",
        "apt-get install git",
    ));
    findings.push(program(
        "npm",
        "fetches editors; not needed once they are installed",
        "apt-get install npm",
    ));
    findings.push(disks(&config));
    findings.push(supervisor(&config)?);
    for finding in &findings {
        say(format_args!(
            "{} {:<24} {}",
            mark(finding),
            finding.name,
            finding.detail
        ))?;
        if !finding.ok {
            say(format_args!("     {:<24} → {}", "", finding.fix))?;
        }
    }
    Ok(
        if findings
            .iter()
            .all(|finding| finding.ok || !finding.required)
        {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        },
    )
}

fn mark(finding: &Finding) -> &'static str {
    match (finding.ok, finding.required) {
        (true, _) => "ok  ",
        (false, true) => "MISS",
        (false, false) => "less",
    }
}

fn program(name: &str, purpose: &str, fix: &str) -> Finding {
    match Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
    {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout);
            let detail = format!("{} ({purpose})", version.lines().next().unwrap_or_default());
            Finding::new(name, true, detail, fix)
        }
        Ok(_) | Err(_) => Finding {
            required: name == "git",
            ..Finding::new(name, false, purpose.to_owned(), fix)
        },
    }
}

/// Whether a workspace that fills its disk leaves the others theirs.
fn disks(config: &Config) -> Finding {
    let (missing, fix) = if config.disk.limits == DiskLimits::Off {
        let why = String::from("`disk.limits` is `off`");
        (Some(why), "set it to `auto`")
    } else {
        let fix = "run as root, outside of a container or in a privileged one that sees the machine's /dev; modprobe loop; \
                   apt-get install e2fsprogs mount";
        (assemble::volumes(config).why_not_limited(), fix)
    };
    let detail = match &missing {
        None => String::from("each workspace has a file system of its class's size"),
        Some(why) => format!("not limited, one workspace can fill the disk of all: {why}"),
    };
    Finding {
        required: config.disk.limits == DiskLimits::Required,
        ..Finding::new("disk limits", missing.is_none(), detail, fix)
    }
}

/// A static executable runs in any image, another one only in images with this machine's C library.
fn supervisor(config: &Config) -> Result<Finding> {
    let path = assemble::supervisor_executable(config)?;
    let is_ours = path.file_name().is_some_and(|name| name == "supervisor");
    let detail = if is_ours {
        path.display().to_string()
    } else {
        String::from(
            "none beside this program, which takes its part: good for `image: host` (others: make supervisor)",
        )
    };
    Ok(Finding::new("supervisor", true, detail, ""))
}
