//! Editors: what is delivered at `/ide` and started by the supervisor.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// An editor that was chosen and whose package is on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IdeSpec {
    /// Such as `code` or `terminal`.
    pub id: String,
    /// For people.
    pub label: String,
    /// Of the package.
    pub version: String,
    /// The unpacked package on the node: mounted read-only at `/ide`, holds `supervisor-ide-config.json`.
    pub package: PathBuf,
    /// Why this one, for people: `you asked for it`, `the default`, `VS Code is not installed on this server`.
    pub reason: String,
}

impl IdeSpec {
    /// An editor whose package lies at `package`.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        version: impl Into<String>,
        package: PathBuf,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            version: version.into(),
            package,
            reason: String::new(),
        }
    }
}

/// How far an editor in an instance is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct IdeStatus {
    /// As in [`IdeSpec::id`].
    pub id: String,
    /// For people.
    pub label: String,
    /// Why this one.
    pub reason: String,
    /// Whether it answers its readiness probe.
    pub ready: bool,
    /// Why it does not answer any more, if it answered once and ended too often since.
    pub trouble: Option<EditorTrouble>,
}

/// An editor that ends again and again. It is started again for ever; files and terminals are not affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorTrouble {
    /// How it ends, how often, and its last lines.
    pub message: String,
    /// What a person can do.
    pub hint: String,
}
