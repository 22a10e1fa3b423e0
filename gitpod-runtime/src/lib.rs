//! Runs isolated instances of workspaces.
//!
//! [`WorkspaceRuntime`] is the contract; `sandbox` (Linux, embedded, no daemon) and [`memory`] (the reference) fulfil it, and
//! the `conformance` feature holds the suite that every backend, yours too, has to pass.

mod capabilities;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod memory;
mod process;
mod runtime;
#[cfg(feature = "sandbox")]
pub mod sandbox;

pub use capabilities::{Capabilities, RuntimeInfo};
pub use process::{BoxedIo, Command, Process, ProcessControl, PtySize};
pub use runtime::{StopMode, WorkspaceRuntime, validate};
