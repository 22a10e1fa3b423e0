use std::fmt;

use async_trait::async_trait;
use gitpod_core::Result;
use gitpod_core::content::CloneTarget;
use url::Url;

/// What the caller may reach.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ResolveOptions {
    /// Whether `file://` and private addresses are allowed (decided by access rules, not here).
    pub allow_local: bool,
    /// Repository files to bring along, such as `.gitpod.yml`.
    pub files: Vec<String>,
}

/// A file of a repository at a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryFile {
    /// As asked for.
    pub path: String,
    /// At most 1 MiB.
    pub content: Vec<u8>,
}

/// What a reference turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolved {
    /// What to check out: a branch, a tag or a commit, with certainty.
    pub target: CloneTarget,
    /// The commit; `None` in a repository without commits.
    pub revision: Option<String>,
    /// The branch that the remote's `HEAD` names, if any.
    pub default_branch: Option<String>,
    /// The files that were asked for and exist.
    pub files: Vec<RepositoryFile>,
}

impl Resolved {
    /// A target without revision and files.
    pub fn new(target: CloneTarget) -> Self {
        Self {
            target,
            revision: None,
            default_branch: None,
            files: Vec::new(),
        }
    }
}

/// Asks a git server about a repository.
#[async_trait]
pub trait ContextResolver: fmt::Debug + Send + Sync + 'static {
    /// Finds out what `reference` (branch, tag, commit; `None`: the remote's `HEAD`) of `remote` is, and reads files at it.
    ///
    /// # Behavior
    /// Makes nothing that stays. Hostile answers are bounded in time and size.
    ///
    /// # Errors
    /// `InvalidInput` (protocol not allowed, option-like reference), `NotFound` (repository; reference, with the nearest
    /// names as hint), `PermissionDenied`, `Unavailable` (host), `TimedOut`; each with a hint for the user.
    async fn resolve(
        &self,
        remote: &Url,
        reference: Option<&str>,
        options: &ResolveOptions,
    ) -> Result<Resolved>;
}
