//! What several examples share.

mod process_runtime;

pub use process_runtime::ProcessRuntime;
