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
    /// Repository files to bring along, such as `.gitpod.yml`. In one part a `*` may stand for any name:
    /// `.devcontainer/*/devcontainer.json`.
    pub files: Vec<String>,
    /// What to bring along when none of these is there.
    pub otherwise: Otherwise,
}

/// What tells something about a repository that lacks the files asked for.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Otherwise {
    /// Directories whose files are listed; `""` is the root.
    pub directories: Vec<String>,
    /// Files of these directories to bring along, as with [`ResolveOptions::files`]; those that are too long are left out.
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
    /// The files that were asked for and exist, else those of [`ResolveOptions::otherwise`].
    pub files: Vec<RepositoryFile>,
    /// The paths of the files in the directories of [`ResolveOptions::otherwise`]; empty when a file asked for exists.
    pub listing: Vec<String>,
}

impl Resolved {
    /// A target without revision and files.
    pub fn new(target: CloneTarget) -> Self {
        Self {
            target,
            revision: None,
            default_branch: None,
            files: Vec::new(),
            listing: Vec::new(),
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
