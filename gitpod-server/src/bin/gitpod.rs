//! The command line: a client of the public API.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    gitpod_server::cli::main()
}
