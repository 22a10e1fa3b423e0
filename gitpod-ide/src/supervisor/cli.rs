//! What this executable is asked to be.

use std::env;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use super::{gp, log, pty, run};
use crate::terminal_editor;

const USAGE: &str = "\
usage: supervisor init                  run as the first process of an instance
       supervisor terminal-editor ...   serve the terminal editor
       supervisor gp ...                the command line inside a workspace (also by the name gp)
       supervisor --version
";

/// Whether an executable that was started as `argv0` is meant to be the supervisor (or `gp`, a link to it).
///
/// # Examples
/// ```
/// use gitpod_ide::supervisor::is_supervisor;
///
/// assert!(is_supervisor("/.supervisor/supervisor".as_ref()));
/// assert!(is_supervisor("gp".as_ref()));
/// assert!(!is_supervisor("/usr/bin/gitpod-server".as_ref()));
/// ```
pub fn is_supervisor(argv0: &std::ffi::OsStr) -> bool {
    let name = Path::new(argv0).file_name();
    name.is_some_and(|name| name == "supervisor" || name == "gp")
}

/// The whole program: does what the arguments of this process say, and returns its exit code.
///
/// Call it before any thread is started.
pub fn main() -> ExitCode {
    let mut arguments = env::args_os();
    let argv0 = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = arguments.collect();
    if Path::new(&argv0)
        .file_name()
        .is_some_and(|name| name == "gp")
    {
        return gp::main(&rest);
    }
    let (command, rest) = match rest.split_first() {
        Some((command, rest)) => (command.to_string_lossy().into_owned(), rest),
        None => (String::new(), &[][..]),
    };
    match command.as_str() {
        // `run` is the original's name for the supervisor below its own init.
        "init" | "run" => {
            log::to_stderr();
            run::main(env::vars_os())
        }
        "pty-child" => match pty::become_program(rest) {
            Ok(never) => match never {},
            Err(error) => {
                let program = rest.first().map(|name| name.to_string_lossy().into_owned());
                complain(&format!(
                    "cannot run {}: {error}\r",
                    program.unwrap_or_default()
                ));
                ExitCode::from(if error.kind() == std::io::ErrorKind::NotFound {
                    127
                } else {
                    126
                })
            }
        },
        "terminal-editor" => {
            log::to_stderr();
            terminal_editor::main(rest.iter().cloned())
        }
        "gp" => gp::main(rest),
        "--version" | "-V" | "version" => {
            say(concat!("supervisor ", env!("CARGO_PKG_VERSION"), "\n"));
            ExitCode::SUCCESS
        }
        "--help" | "-h" | "help" => {
            say(USAGE);
            ExitCode::SUCCESS
        }
        _ => {
            complain(USAGE);
            ExitCode::from(2)
        }
    }
}

/// Writes to standard output; a reader that went away is no error.
pub(super) fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Writes a line to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
