//! `gitpod config …`

mod infer;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gitpod_core::devcontainer::{self, Surroundings};
use gitpod_core::gitpod_yml::{self, MAX_BYTES, Mode, Problem, Severity};
use serde::Serialize;

use super::arguments::{Config, ConfigParse, Format, Kind};
use super::failure::{Exit, Failure};
use super::output;
use super::table::plain;

pub(super) fn run(format: Format, command: &Config) -> Result<ExitCode, Failure> {
    match command {
        Config::Parse(options) => parse_file(options),
        Config::Infer(options) => infer::run(format, &options.directory),
    }
}

/// Prints the normalised file, and its problems as compilers print them.
fn parse_file(options: &ConfigParse) -> Result<ExitCode, Failure> {
    let file = &options.file;
    let text = read(file)?;
    let mode = if options.strict {
        Mode::Strict
    } else {
        Mode::Lenient
    };
    let kind = options.kind.unwrap_or_else(|| kind_of(file));
    if kind == Kind::GitpodYml {
        let parsed = gitpod_yml::parse(&text, mode);
        return print(file, &parsed.problems, parsed.accepted(), &parsed.config);
    }
    let parsed = devcontainer::parse(&text, mode);
    let accepted = parsed.accepted();
    let code = print(file, &parsed.problems, accepted, &parsed.config)?;
    if accepted {
        // Where it will be checked out, and as which workspace, changes nothing of what is told here.
        let surroundings = Surroundings::new(in_repository(file), "repository", "workspace");
        for notice in parsed.config.apply(&surroundings).notices {
            note(file, "note", &notice.to_string());
        }
    }
    Ok(code)
}

/// `devcontainer.json`, `.devcontainer.json` and whatever else is JSON; a `.gitpod.yml` is YAML.
fn kind_of(file: &Path) -> Kind {
    let extension = file.extension().and_then(OsStr::to_str);
    let json = |e: &str| e.eq_ignore_ascii_case("json") || e.eq_ignore_ascii_case("jsonc");
    if extension.is_some_and(json) {
        Kind::Devcontainer
    } else {
        Kind::GitpodYml
    }
}

/// The file's path in its repository, which is where `.devcontainer` is, or the file itself.
fn in_repository(file: &Path) -> String {
    let parts: Vec<&OsStr> = file.iter().collect();
    let directory = parts.iter().rposition(|part| *part == ".devcontainer");
    let start = directory.unwrap_or_else(|| parts.len().saturating_sub(1));
    let path: PathBuf = parts[start..].iter().collect();
    path.to_string_lossy().into_owned()
}

fn print(
    file: &Path,
    problems: &[Problem],
    accepted: bool,
    config: &impl Serialize,
) -> Result<ExitCode, Failure> {
    for problem in problems {
        let severity = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        note(file, severity, &problem.to_string());
    }
    if !accepted {
        return Ok(ExitCode::FAILURE);
    }
    output::json(config)?;
    Ok(ExitCode::SUCCESS)
}

fn note(file: &Path, severity: &str, message: &str) {
    let place = file.display();
    output::note(format_args!("{place}: {severity}: {}", plain(message)));
}

fn read(file: &Path) -> Result<String, Failure> {
    // One byte more than is accepted, so that the parser can say that it is too long.
    let limit = u64::try_from(MAX_BYTES).map_or(u64::MAX, |most| most + 1);
    let mut bytes = Vec::new();
    let result = if file == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        fs::File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    result.map_err(|e| {
        let mut failure = Failure::io(&format!("cannot read {}", file.display()), &e);
        if e.kind() == ErrorKind::NotFound {
            failure.exit = Exit::NotFound;
        }
        failure
    })?;
    String::from_utf8(bytes).map_err(|e| {
        Failure::failed(format!(
            "{}: error: not UTF-8 at byte {}",
            file.display(),
            e.utf8_error().valid_up_to()
        ))
    })
}
