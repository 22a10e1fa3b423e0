use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How git is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GitConfig {
    /// Name or absolute path of the git executable, as a job sees it.
    pub program: String,
    /// `PATH` of the jobs.
    pub path: String,
    /// Where resolving keeps short-lived files; the system's directory of temporary files when `None`.
    pub scratch_dir: Option<PathBuf>,
    /// Longest clone, submodules each counted on their own; in seconds.
    pub clone_timeout_seconds: u64,
    /// Longest answer to a question (a reference, a status); in seconds.
    pub query_timeout_seconds: u64,
    /// How much history a clone brings along.
    pub history: History,
}

/// How much history a clone brings along.
///
/// `full` is the default: what a developer expects, `git log` and `git blame` work without a network, and it costs little
/// time (half as much again as `shallow` for a repository of 50,000 files and 2,000 commits, nothing for a small one).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// All of it.
    #[default]
    Full,
    /// All commits and directories; contents of files of old revisions are fetched when they are looked at.
    Blobless,
    /// The newest commit of each branch alone. `git fetch --unshallow` brings the rest.
    Shallow,
}

impl Default for GitConfig {
    fn default() -> Self {
        Self {
            program: String::from("git"),
            path: String::from("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            scratch_dir: None,
            clone_timeout_seconds: 30 * 60,
            query_timeout_seconds: 30,
            history: History::Full,
        }
    }
}

impl GitConfig {
    pub(super) fn clone_timeout(&self) -> Duration {
        Duration::from_secs(self.clone_timeout_seconds)
    }

    pub(super) fn query_timeout(&self) -> Duration {
        Duration::from_secs(self.query_timeout_seconds)
    }
}
