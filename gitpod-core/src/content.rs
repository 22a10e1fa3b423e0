//! Where the files below `/workspace` come from.

use serde::{Deserialize, Serialize};

mod git;

pub use git::{CloneTarget, GitSource};

/// Where the content of a new workspace comes from. An existing content always wins over its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContentSource {
    /// Nothing.
    Empty,
    /// A git repository.
    Git(Box<GitSource>),
    /// Several, in order.
    Composite(Vec<Self>),
}

/// What an initializer did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct InitReport {
    /// Which initializer: `empty`, `git`, …
    pub kind: String,
    /// Commit that was checked out.
    pub commit: Option<String>,
    /// Things the user should know (branch missing, submodule failed, hostile names left out), for people.
    pub warnings: Vec<String>,
}
