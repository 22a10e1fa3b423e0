//! The file's model: the keys as they are written, nothing added.

use serde::Serialize;

use super::check::{Check, Field};

mod core_dump;
pub(super) mod entries;
mod github;
mod image;
mod jetbrains;
mod port;
mod repository;
mod task;
mod vscode;

pub use core_dump::CoreDump;
pub use github::Github;
pub use image::Image;
pub use jetbrains::{Jetbrains, JetbrainsPrebuilds, JetbrainsProduct, WarmUp};
pub use port::{Port, PortRange};
pub use repository::AdditionalRepository;
pub use task::Task;
pub use vscode::Vscode;

const KEYS: [&str; 14] = [
    "image",
    "tasks",
    "ports",
    "checkoutLocation",
    "workspaceLocation",
    "additionalRepositories",
    "mainConfiguration",
    "gitConfig",
    "env",
    "vscode",
    "jetbrains",
    "coreDump",
    "github",
    "experimentalNetwork",
];

/// A `.gitpod.yml`. Serializes as the normalised JSON of the file: its keys, and nothing that it does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GitpodYml {
    /// The tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// What runs in terminals; see [`tasks`](Self::tasks) for what that comes to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// What is served; see [`ports`](Self::ports) for what that comes to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// Where the repository is checked out, as written; see [`checkout_location`](Self::checkout_location).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_location: Option<String>,
    /// What the editor opens, as written; see [`workspace_location`](Self::workspace_location).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_location: Option<String>,
    /// Repositories to check out beside this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_repositories: Vec<AdditionalRepository>,
    /// Context URL of the repository whose configuration counts instead of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main_configuration: Option<String>,
    /// The clone's git configuration, as written; see [`git_settings`](Self::git_settings).
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub git_config: Vec<(String, String)>,
    /// Environment of the workspace, as written; see [`variables`](Self::variables).
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub env: Vec<(String, String)>,
    /// What VS Code shall have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vscode: Option<Vscode>,
    /// What the editors of `JetBrains` shall have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jetbrains: Option<Jetbrains>,
    /// Whether crashing processes leave core dumps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_dump: Option<CoreDump>,
    /// Prebuild settings of long ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github: Option<Github>,
    /// Has no meaning any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental_network: Option<bool>,
}

impl GitpodYml {
    pub(super) fn read(check: &mut Check, file: &Field<'_>) -> Self {
        let Some(keys) = check.mapping(file, &KEYS) else {
            return Self::default();
        };
        let experimental_network = keys.get("experimentalNetwork");
        if let Some(field) = &experimental_network {
            check.warn(
                field.key_at,
                "experimentalNetwork",
                "has no effect any more",
            );
        }
        Self {
            image: keys
                .get("image")
                .and_then(|field| Image::read(check, &field)),
            tasks: task::read_all(check, keys.get("tasks")),
            ports: port::read_all(check, keys.get("ports")),
            checkout_location: repository::location(check, keys.get("checkoutLocation")),
            workspace_location: repository::location(check, keys.get("workspaceLocation")),
            additional_repositories: repository::read_all(
                check,
                keys.get("additionalRepositories"),
            ),
            main_configuration: check.text(keys.get("mainConfiguration")),
            git_config: entries::git_config(check, keys.get("gitConfig")),
            env: entries::env(check, keys.get("env")),
            vscode: keys
                .get("vscode")
                .and_then(|field| Vscode::read(check, &field)),
            jetbrains: keys
                .get("jetbrains")
                .and_then(|field| Jetbrains::read(check, &field)),
            core_dump: keys
                .get("coreDump")
                .and_then(|field| CoreDump::read(check, &field)),
            github: keys
                .get("github")
                .and_then(|field| Github::read(check, &field)),
            experimental_network: check.boolean(experimental_network),
        }
    }
}
