//! The reference runtime keeps the promises that do not need processes.

use std::process::ExitCode;
use std::sync::Arc;

use gitpod_runtime::WorkspaceRuntime;
use gitpod_runtime::conformance::{Harness, run};
use gitpod_runtime::memory::MemoryRuntime;

#[derive(Debug, Default)]
struct Memory(MemoryRuntime);

#[async_trait::async_trait]
impl Harness for Memory {
    fn runtime(&self) -> Arc<dyn WorkspaceRuntime> {
        Arc::new(self.0.clone())
    }
}

fn main() -> ExitCode {
    run(Memory::default())
}
