//! What the file comes to here.

use std::collections::BTreeMap;

use super::model::Devcontainer;
use super::notice::{Notice, Notices};
use super::variables::Variables;
use crate::class::Resources;
use crate::gitpod_yml::GitpodYml;

mod commands;
mod container;
mod editors;
mod environment;
mod image;
mod location;
mod ports;
mod run_args;

/// Where the repository's workspaces are, to the eyes of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Surroundings {
    /// Path of the file in the repository, such as `.devcontainer/devcontainer.json`: other paths are relative to it.
    pub file: String,
    /// Where the repository is checked out, relative to `/workspace`.
    pub checkout_location: String,
    /// What `${devcontainerId}` stands for: the same at every start of the workspace, another one for other workspaces.
    pub id: String,
    /// What `${localEnv:…}` finds. No machine of the user's is looked at: what the platform knows of the user.
    pub local_env: BTreeMap<String, String>,
    /// What `${containerEnv:…}` finds apart from what the file itself sets: the image's environment, if it is known.
    pub container_env: BTreeMap<String, String>,
    /// What the workspace will have, if it is known: requirements are compared with it.
    pub resources: Option<Resources>,
}

impl Surroundings {
    /// Of a file in a repository that is checked out at `checkout_location`, with empty environments.
    pub fn new(
        file: impl Into<String>,
        checkout_location: impl Into<String>,
        id: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            checkout_location: checkout_location.into(),
            id: id.into(),
            local_env: BTreeMap::new(),
            container_env: BTreeMap::new(),
            resources: None,
        }
    }
}

/// A file as this platform's own configuration.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Applied {
    /// What a `.gitpod.yml` to the same effect would say.
    pub config: GitpodYml,
    /// What is not done as the file asks, in the order of the file.
    pub notices: Vec<Notice>,
}

impl Devcontainer {
    /// What the file comes to in `surroundings`.
    ///
    /// # Behavior
    /// * `onCreateCommand` and `updateContentCommand` run once for fresh content, in a prebuild if there is one;
    ///   `postCreateCommand` runs once per workspace, never in a prebuild; `postStartCommand`, then `postAttachCommand`, run at
    ///   every start. One that fails keeps the later ones from running.
    /// * `initializeCommand` never runs: it would on the host.
    /// * Whatever has no effect, or another one than the file asks for, is in [`Applied::notices`].
    pub fn apply(&self, surroundings: &Surroundings) -> Applied {
        let mut notices = Notices::new(&self.places);
        let mut config = GitpodYml::default();
        let mut variables = Variables::new(
            location::absolute(&surroundings.checkout_location),
            &surroundings.id,
            &surroundings.local_env,
            surroundings.container_env.clone(),
        );
        let arguments = run_args::read(&self.run_args);
        location::apply(self, &mut config, &mut variables, &mut notices);
        let exports =
            environment::apply(self, &arguments, &mut config, &mut variables, &mut notices);
        image::apply(self, surroundings, &mut config, &variables, &mut notices);
        commands::apply(self, exports, &mut config, &variables, &mut notices);
        ports::apply(self, &arguments, &mut config, &mut notices);
        container::apply(self, surroundings, &mut notices);
        run_args::apply(&arguments, &mut notices);
        editors::apply(self, &mut config, &mut notices);
        Applied {
            config,
            notices: notices.finish(),
        }
    }
}
