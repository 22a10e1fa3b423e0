use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use gitpod_core::Result;
use gitpod_runtime::sandbox::{self, Finding};

use super::options::ConfigOptions;
use super::say;
use crate::assemble;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigOptions,
}

/// Prints what is there and what is missing; fails when a workspace could not run.
pub(super) fn run(options: Options) -> Result<ExitCode> {
    let config = options.config.load()?;
    let mut findings = sandbox::doctor();
    findings.push(program("git", "brings repositories in", "apt-get install git"));
    findings.push(program("npm", "fetches editors; not needed once they are installed", "apt-get install npm"));
    findings.push(supervisor(&config)?);
    let mut well = true;
    for finding in &findings {
        well &= finding.ok;
        say(format_args!("{} {:<22} {}", if finding.ok { "ok  " } else { "MISS" }, finding.name, finding.detail))?;
        if let (false, Some(fix)) = (finding.ok, &finding.how_to_fix) {
            say(format_args!("     {:<22} → {fix}", ""))?;
        }
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn program(name: &'static str, purpose: &str, fix: &str) -> Finding {
    let runs = Command::new(name).arg("--version").stdin(Stdio::null()).output();
    match runs {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout);
            Finding::ok(name, format!("{} ({purpose})", version.lines().next().unwrap_or_default()))
        }
        Ok(_) | Err(_) => Finding::missing(name, purpose.to_owned(), fix.to_owned()),
    }
}

/// A static executable runs in any image, another one only in images with this machine's C library.
fn supervisor(config: &Config) -> Result<Finding> {
    let path = assemble::supervisor_executable(config)?;
    let is_ours = path.file_name().is_some_and(|name| name == "supervisor");
    Ok(if is_ours {
        Finding::ok("supervisor", path.display().to_string())
    } else {
        Finding::ok(
            "supervisor",
            String::from("none beside this program, which takes its part: only `image: host` is sure to work (make supervisor)"),
        )
    })
}
