//! The reference server. Thin: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Sandboxes are made by this executable, started again under another name.
    gitpod_runtime::sandbox::reexec();
    // Without a static supervisor beside it, this executable takes its part too.
    if std::env::args_os()
        .next()
        .is_some_and(|name| gitpod_ide::supervisor::is_supervisor(&name))
    {
        return gitpod_ide::supervisor::main();
    }
    gitpod_server::command::main()
}
