//! What git says about a workspace's main repository.

use serde::{Deserialize, Serialize};

pub mod porcelain;

/// Longest list of names kept in a [`GitStatus`]; the totals are exact.
pub const MAX_LISTED: usize = 100;

/// Branch, commit, and what would be lost if the workspace were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GitStatus {
    /// Empty when the head is detached.
    pub branch: String,
    /// Full hash; empty in a repository without commits.
    pub latest_commit: String,
    /// Changed and staged files, at most [`MAX_LISTED`].
    pub uncommitted_files: Vec<String>,
    /// How many there are.
    pub total_uncommitted_files: u64,
    /// Files git does not know, at most [`MAX_LISTED`].
    pub untracked_files: Vec<String>,
    /// How many there are.
    pub total_untracked_files: u64,
    /// `hash: subject` of commits no remote has, at most [`MAX_LISTED`].
    pub unpushed_commits: Vec<String>,
    /// How many there are.
    pub total_unpushed_commits: u64,
}

impl GitStatus {
    /// Whether everything is committed and pushed.
    pub fn is_clean(&self) -> bool {
        self.total_uncommitted_files == 0
            && self.total_untracked_files == 0
            && self.total_unpushed_commits == 0
    }
}
