use serde::{Deserialize, Serialize};
use url::Url;

/// What to have checked out after a clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloneTarget {
    /// Whatever the remote's `HEAD` names.
    RemoteHead,
    /// A commit, by its full hash; the head is detached.
    Commit(String),
    /// A branch of the remote, tracked by a local branch of that name.
    Branch(String),
    /// A tag; the head is detached.
    Tag(String),
    /// A new local branch of this name, off the remote's `HEAD`.
    LocalBranch(String),
}

/// A git repository to clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GitSource {
    /// `https://`, `http://`, `ssh://`, `git://` or `file://`; never carries a password.
    pub remote: Url,
    /// Added as the remote `upstream`, for forks.
    pub upstream: Option<Url>,
    /// What to have checked out.
    pub target: CloneTarget,
    /// Where, below `/workspace`: relative, no `..`.
    pub checkout_location: String,
    /// Extra `git config` entries of the clone (`gitConfig` of `.gitpod.yml`).
    pub config: Vec<(String, String)>,
}

impl GitSource {
    /// The repository at `remote`, its `HEAD`, checked out at `checkout_location`.
    pub fn new(remote: Url, checkout_location: impl Into<String>) -> Self {
        Self {
            remote,
            upstream: None,
            target: CloneTarget::RemoteHead,
            checkout_location: checkout_location.into(),
            config: Vec::new(),
        }
    }

    /// Checks out `target` instead of the remote's `HEAD`.
    #[must_use]
    pub fn with_target(mut self, target: CloneTarget) -> Self {
        self.target = target;
        self
    }
}
