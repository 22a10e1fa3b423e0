use serde::{Deserialize, Serialize};

use super::Reason;
use crate::gitpod_yml::GitpodYml;

/// What of a task makes content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commands {
    /// The task's place in the file; its log is named after it.
    pub index: usize,
    /// `before`.
    pub before: String,
    /// `init`.
    pub init: String,
    /// `prebuild`.
    pub prebuild: String,
    /// Its environment, sorted by name.
    pub env: Vec<(String, String)>,
}

/// Everything but the commits that the content of a prebuild depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipe {
    /// Tasks with something to run before somebody works.
    pub tasks: Vec<Commands>,
    /// The environment of them all, sorted by name.
    pub env: Vec<(String, String)>,
    /// Which image: its digest, or whatever else identifies what is in it.
    pub image: String,
    /// Where the main repository is, below `/workspace`.
    pub checkout_location: String,
    /// Context URL and place of each additional repository.
    pub repositories: Vec<(String, Option<String>)>,
}

impl Recipe {
    /// The recipe of a configuration with this image, for a repository of this name.
    pub fn new(config: &GitpodYml, image: impl Into<String>, repository_name: &str) -> Self {
        let text =
            |command: &Option<String>| command.as_deref().unwrap_or_default().trim().to_owned();
        let tasks = config.tasks.iter().enumerate().map(|(index, task)| {
            let env = task
                .env
                .iter()
                .map(|(name, value)| (name.clone(), value.to_string()));
            Commands {
                index,
                before: text(&task.before),
                init: text(&task.init),
                prebuild: text(&task.prebuild),
                env: sorted(env.collect()),
            }
        });
        let has_work = |task: &Commands| {
            !(task.before.is_empty() && task.init.is_empty() && task.prebuild.is_empty())
        };
        let repositories = config.additional_repositories.iter();
        Self {
            tasks: tasks.filter(has_work).collect(),
            env: sorted(config.variables()),
            image: image.into(),
            checkout_location: config.checkout_location(repository_name),
            repositories: repositories
                .map(|other| (other.url.clone(), other.checkout_location.clone()))
                .collect(),
        }
    }

    /// In what `other` differs first; `None`: in nothing.
    pub fn difference(&self, other: &Self) -> Option<Reason> {
        let Self {
            tasks,
            env,
            image,
            checkout_location,
            repositories,
        } = self;
        if *image != other.image {
            Some(Reason::OtherImage)
        } else if *checkout_location != other.checkout_location {
            Some(Reason::OtherLocation)
        } else if *repositories != other.repositories {
            Some(Reason::OtherRepositories)
        } else if *tasks != other.tasks {
            Some(Reason::OtherTasks)
        } else if *env != other.env {
            Some(Reason::OtherEnvironment)
        } else {
            None
        }
    }

    /// Whether a task runs something that needs a fresh clone.
    pub(super) fn needs_fresh_clone(&self) -> bool {
        self.tasks.iter().any(|task| !task.prebuild.is_empty())
    }
}

fn sorted(mut env: Vec<(String, String)>) -> Vec<(String, String)> {
    env.sort();
    env
}
