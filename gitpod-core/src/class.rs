//! Workspace classes: what an instance may use.

use serde::{Deserialize, Serialize};

/// Limits of an instance. `None` means: not limited by us.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Resources {
    /// CPU time, in thousandths of a core.
    pub cpu_millis: Option<u32>,
    /// Memory, in bytes, page cache included.
    pub memory_bytes: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u32>,
    /// Bytes the content (`/workspace`) may take.
    pub disk_bytes: Option<u64>,
}

impl Resources {
    /// No limits.
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// Limits the CPU time, in thousandths of a core.
    #[must_use]
    pub fn with_cpu_millis(mut self, millis: u32) -> Self {
        self.cpu_millis = Some(millis);
        self
    }

    /// Limits the memory, in bytes.
    #[must_use]
    pub fn with_memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = Some(bytes);
        self
    }

    /// Limits processes and threads.
    #[must_use]
    pub fn with_pids(mut self, pids: u32) -> Self {
        self.pids = Some(pids);
        self
    }

    /// Limits the content's size, in bytes.
    #[must_use]
    pub fn with_disk_bytes(mut self, bytes: u64) -> Self {
        self.disk_bytes = Some(bytes);
        self
    }
}

/// A named set of limits that a user may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WorkspaceClass {
    /// Such as `g1-standard`.
    pub id: String,
    /// For people.
    pub display_name: String,
    /// For people: what it is good for.
    #[serde(default)]
    pub description: String,
    /// Chosen when nobody chooses.
    #[serde(default)]
    pub is_default: bool,
    /// The limits.
    #[serde(default)]
    pub resources: Resources,
}

impl WorkspaceClass {
    /// A class with `resources`, not the default one.
    pub fn new(
        id: impl Into<String>,
        display_name: impl Into<String>,
        resources: Resources,
    ) -> Self {
        Self {
            id: id.into(),
            display_name: display_name.into(),
            description: String::new(),
            is_default: false,
            resources,
        }
    }
}
