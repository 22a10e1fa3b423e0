//! The agent inside each instance. See [`gitpod_ide::supervisor`].
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    gitpod_ide::supervisor::main()
}
