//! `cargo test -p examples --test custom_runtime_conformance`: the same suite that our own runtimes pass.

use std::process::ExitCode;
use std::sync::Arc;

use examples::ProcessRuntime;
use gitpod_runtime::WorkspaceRuntime;
use gitpod_runtime::conformance::{Guest, Harness, run};

#[derive(Debug, Default)]
struct Processes(ProcessRuntime);

#[async_trait::async_trait]
impl Harness for Processes {
    fn runtime(&self) -> Arc<dyn WorkspaceRuntime> {
        Arc::new(self.0.clone())
    }

    /// Processes see this machine's files: the guest programs are where this executable is.
    fn guest(&self) -> Guest {
        let program =
            std::env::current_exe().expect("because Linux tells a process its executable");
        Guest::new(program.to_string_lossy(), Vec::new())
    }
}

fn main() -> ExitCode {
    run(Processes::default())
}
