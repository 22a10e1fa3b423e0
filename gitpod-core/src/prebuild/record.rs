use serde::{Deserialize, Serialize};

use super::Recipe;
use crate::{PrebuildId, ProjectId, Timestamp};

/// How far a prebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrebuildState {
    /// It waits.
    Queued,
    /// It is being made.
    Building,
    /// It can be used. If its tasks failed, it has an error as well.
    Available,
    /// There is nothing to use.
    Failed,
    /// It was stopped, or refused.
    Aborted,
    /// It took too long.
    TimedOut,
}

/// The commits of a prebuild or workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Revision {
    /// Of the main repository: a full hash.
    pub main: String,
    /// Of each additional repository, in the order of the configuration.
    pub additional: Vec<String>,
}

impl Revision {
    /// Of a repository without others.
    pub fn of(main: impl Into<String>) -> Self {
        Self {
            main: main.into(),
            additional: Vec::new(),
        }
    }
}

/// What a prebuild is of, or a workspace wants.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Of which project. Content never crosses from one to another.
    pub project: ProjectId,
    /// At which commits.
    pub revision: &'a Revision,
    /// Made how.
    pub recipe: &'a Recipe,
}

/// The record of a prebuild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prebuild {
    /// Its id.
    pub id: PrebuildId,
    /// Of which project.
    pub project: ProjectId,
    /// Of which commits.
    pub revision: Revision,
    /// On which branch, if known.
    pub branch: Option<String>,
    /// What made its content.
    pub recipe: Recipe,
    /// How far it is.
    pub state: PrebuildState,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Whether its content was deleted.
    pub collected: bool,
    /// The prebuild that it was made from; `None`: from nothing.
    pub base: Option<PrebuildId>,
    /// How many prebuilds lie below it, down to the one that was made from nothing.
    pub depth: usize,
    /// When that one was asked for.
    pub full_at: Timestamp,
}

impl Prebuild {
    /// A prebuild that waits to be made from nothing.
    pub fn new(
        id: PrebuildId,
        project: ProjectId,
        revision: Revision,
        recipe: Recipe,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            project,
            revision,
            branch: None,
            recipe,
            state: PrebuildState::Queued,
            error: None,
            created_at: now,
            collected: false,
            base: None,
            depth: 0,
            full_at: now,
        }
    }

    /// The same, to be made from `base`.
    #[must_use]
    pub fn on_top_of(mut self, base: &Self) -> Self {
        self.base = Some(base.id);
        self.depth = base.depth + 1;
        self.full_at = base.full_at;
        self
    }

    /// Whether it is being made, or will be.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, PrebuildState::Queued | PrebuildState::Building)
    }
}
