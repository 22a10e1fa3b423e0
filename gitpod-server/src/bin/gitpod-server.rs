//! The reference server. Thin: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Sandboxes are made by this executable, started again under another name.
    gitpod_runtime::sandbox::reexec();
    // Without a static supervisor beside it, this executable is the supervisor too.
    if gitpod_ide::supervisor::is_called() {
        return gitpod_ide::supervisor::main();
    }
    gitpod_server::command::main()
}
