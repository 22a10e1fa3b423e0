use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::process::ExitCode;

use gitpod_core::gitpod_yml::{MAX_BYTES, Mode, Severity, parse};

use super::arguments::{Config, ConfigParse};
use super::failure::{Exit, Failure};
use super::output;
use super::table::plain;

pub(super) fn run(command: &Config) -> Result<ExitCode, Failure> {
    let Config::Parse(options) = command;
    parse_file(options)
}

/// Prints the normalised file, and its problems as compilers print them.
fn parse_file(options: &ConfigParse) -> Result<ExitCode, Failure> {
    let text = read(&options.file)?;
    let mode = if options.strict {
        Mode::Strict
    } else {
        Mode::Lenient
    };
    let parsed = parse(&text, mode);
    for problem in &parsed.problems {
        let severity = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let place = options.file.display();
        output::note(format_args!(
            "{place}: {severity}: {}",
            plain(&problem.to_string())
        ));
    }
    if !parsed.accepted() {
        return Ok(ExitCode::FAILURE);
    }
    output::json(&parsed.config)?;
    Ok(ExitCode::SUCCESS)
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
