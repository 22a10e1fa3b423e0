use serde::{Deserialize, Serialize};

/// What a runtime can do. A runtime that claims what it lacks fails the conformance suite by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent abilities, each documented, read by name"
)]
#[non_exhaustive]
pub struct Capabilities {
    /// `exec` works.
    pub exec: bool,
    /// `exec` can give the process a terminal.
    pub pty: bool,
    /// `dial` works.
    pub dial: bool,
    /// Instances outlive this process, and a new one finds them again.
    pub readopt: bool,
    /// Commands are really run (`memory` only plays them).
    pub processes: bool,
    /// Instances see neither each other nor the node.
    pub isolation: bool,
    /// Memory limits are enforced.
    pub memory_limit: bool,
    /// CPU limits are enforced.
    pub cpu_limit: bool,
    /// Limits of processes are enforced.
    pub pids_limit: bool,
    /// Limits of disk space are enforced.
    pub disk_limit: bool,
    /// Instances may have a way out to the network.
    pub egress: bool,
}

/// Who a runtime is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuntimeInfo {
    /// Such as `sandbox`.
    pub name: String,
    /// What it can do, here and now.
    pub capabilities: Capabilities,
    /// What is missing on this machine and how to get it, for people; empty when all is there.
    pub missing: Vec<String>,
}

impl RuntimeInfo {
    /// A runtime called `name`.
    pub fn new(name: impl Into<String>, capabilities: Capabilities) -> Self {
        Self {
            name: name.into(),
            capabilities,
            missing: Vec::new(),
        }
    }
}
