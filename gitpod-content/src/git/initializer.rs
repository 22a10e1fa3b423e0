use std::sync::Arc;

use async_trait::async_trait;
use gitpod_core::content::{ContentSource, InitReport};
use gitpod_core::git::GitStatus;
use gitpod_core::job::JobRunner;
use gitpod_core::{Error, Result};

use super::GitConfig;
use super::checkout::Checkout;
use super::inspect::inspect;
use super::tool::Git;
use crate::{InitContext, Initializer, Volume};

/// Clones repositories into volumes.
///
/// A clone is made in a directory of its own and gets its place by one rename when everything is there; so what is found at a
/// checkout location is complete. All history is brought along (see [`History`](super::History) for less). Hooks do not run
/// meanwhile. Submodules, LFS objects and the `upstream` remote are brought along as far as they can be had; what could not is
/// a warning of the report.
#[derive(Debug, Clone)]
pub struct GitInitializer {
    git: Git,
}

impl GitInitializer {
    /// Runs git by jobs of `runner`.
    pub fn new(config: GitConfig, runner: Arc<dyn JobRunner>) -> Self {
        Self {
            git: Git { runner, config },
        }
    }
}

#[async_trait]
impl Initializer for GitInitializer {
    async fn init(
        &self,
        volume: &Volume,
        source: &ContentSource,
        context: &InitContext,
    ) -> Result<InitReport> {
        let ContentSource::Git(source) = source else {
            return Err(
                Error::unsupported("this initializer clones git repositories only")
                    .with_hint("use `Initializers` for other sources"),
            );
        };
        let checkout = Checkout {
            git: &self.git,
            volume,
            source,
            context,
        };
        checkout.run().await
    }

    async fn git_status(
        &self,
        volume: &Volume,
        checkout_location: &str,
    ) -> Result<Option<GitStatus>> {
        inspect(&self.git, volume, checkout_location).await
    }
}
