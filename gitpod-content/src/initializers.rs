use std::sync::Arc;

use async_trait::async_trait;
use gitpod_core::content::{ContentSource, InitReport};
use gitpod_core::git::GitStatus;
use gitpod_core::{Error, Result};

use crate::beneath;
use crate::{InitContext, Initializer, Volume};

/// How deep sources may nest in each other.
const MAX_DEPTH: usize = 4;

/// Every kind of source behind one [`Initializer`]: empty and composite ones itself, git ones by the initializer it is given.
#[derive(Debug, Clone, Default)]
pub struct Initializers {
    git: Option<Arc<dyn Initializer>>,
}

impl Initializers {
    /// Empty and composite sources alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Git sources, too.
    #[must_use]
    pub fn with_git(mut self, git: Arc<dyn Initializer>) -> Self {
        self.git = Some(git);
        self
    }

    async fn fill(
        &self,
        volume: &Volume,
        source: &ContentSource,
        context: &InitContext,
        depth: usize,
    ) -> Result<InitReport> {
        match source {
            ContentSource::Empty => Ok(report("empty")),
            ContentSource::Git(_) => match &self.git {
                Some(git) => git.init(volume, source, context).await,
                None => Err(unknown()),
            },
            ContentSource::Composite(_) if depth == MAX_DEPTH => {
                Err(Error::invalid("content sources are nested too deep")
                    .with_context("depth", depth))
            }
            ContentSource::Composite(parts) => {
                let mut all = report("composite");
                for part in parts {
                    let part = Box::pin(self.fill(volume, part, context, depth + 1)).await?;
                    // The first repository is the main one.
                    all.commit = all.commit.or(part.commit);
                    all.warnings.extend(part.warnings);
                }
                Ok(all)
            }
            _ => Err(unknown()),
        }
    }
}

#[async_trait]
impl Initializer for Initializers {
    async fn init(
        &self,
        volume: &Volume,
        source: &ContentSource,
        context: &InitContext,
    ) -> Result<InitReport> {
        if volume.initialized {
            return Ok(report("existing"));
        }
        let filled = self.fill(volume, source, context, 0).await;
        if filled.is_err() {
            // Nothing in a volume that never was complete is its user's.
            beneath::empty(volume.upper.clone()).await?;
        }
        filled
    }

    async fn git_status(
        &self,
        volume: &Volume,
        checkout_location: &str,
    ) -> Result<Option<GitStatus>> {
        match &self.git {
            Some(git) => git.git_status(volume, checkout_location).await,
            None => Ok(None),
        }
    }
}

fn report(kind: &str) -> InitReport {
    let mut report = InitReport::default();
    kind.clone_into(&mut report.kind);
    report
}

fn unknown() -> Error {
    Error::unsupported("no initializer here knows this kind of content source")
        .with_hint("build gitpod-content with the feature `git`, or add the initializer")
}
