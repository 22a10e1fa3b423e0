use std::fmt;

use async_trait::async_trait;
use gitpod_core::Result;
use gitpod_core::content::{ContentSource, InitReport};
use gitpod_core::git::GitStatus;

use crate::Volume;

/// What an initializer needs beside its source.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct InitContext {
    /// Whether `file://` and private addresses are allowed (decided by access rules, not here).
    pub allow_local: bool,
}

/// Fills new workspaces, and reads what git says about them.
#[async_trait]
pub trait Initializer: fmt::Debug + Send + Sync + 'static {
    /// Fills `volume` from `source`.
    ///
    /// # Behavior
    /// Idempotent: what was complete stays as it is; what an interrupted call left is completed or made anew, never mixed.
    /// On failure the volume is empty again.
    ///
    /// # Errors
    /// `NotFound` (repository, branch, commit), `PermissionDenied`, `Unavailable` (host cannot be reached), `Unsupported`
    /// (no such source here), `RateLimited` with context `disk` when the disk is full; each with a hint for the user.
    ///
    /// # Cancellation
    /// Kills what runs; call again to complete.
    async fn init(
        &self,
        volume: &Volume,
        source: &ContentSource,
        context: &InitContext,
    ) -> Result<InitReport>;

    /// What git says about the repository at `checkout_location` below the volume's root; `None` when there is none.
    ///
    /// # Behavior
    /// Reads without taking git's locks, in a confined process: the repository's own configuration is hostile.
    ///
    /// # Errors
    /// Git cannot be run.
    async fn git_status(
        &self,
        volume: &Volume,
        checkout_location: &str,
    ) -> Result<Option<GitStatus>>;
}
