use serde::{Deserialize, Serialize};

use super::{BranchRule, Incremental};

/// When prebuilds are started by themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// When somebody opens a workspace of the project.
    #[default]
    ActivityBased,
    /// When something is pushed.
    WebhookBased,
}

/// What a project wants prebuilt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PrebuildSettings {
    /// Whether anything.
    pub enabled: bool,
    /// How many commits after a prebuilt one need none of their own; 0: each has one.
    pub interval: usize,
    /// On which branches.
    pub branches: BranchRule,
    /// When.
    pub trigger: Trigger,
    /// The class that prebuilds run in, by id; the default one when `None`.
    pub class: Option<String>,
    /// Whether the whole history is cloned.
    pub full_clone: bool,
    /// When they are made on top of each other.
    pub incremental: Incremental,
}

impl Default for PrebuildSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            interval: 20,
            branches: BranchRule::default(),
            trigger: Trigger::default(),
            class: None,
            full_clone: false,
            incremental: Incremental::default(),
        }
    }
}
