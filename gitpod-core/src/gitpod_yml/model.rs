//! The file's model: the keys as they are written, nothing added.

use serde::Serialize;

use super::check::Check;
use super::yaml::{Node, Value};

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
    /// What a checked file says.
    pub(super) fn read(check: &mut Check<'_>, file: &Node) -> Self {
        let none = Node::default();
        let get = |key| file.get(key).unwrap_or(&none);
        let mapping = |key| file.get(key).filter(|node| is_mapping(node));
        Self {
            image: file.get("image").and_then(|node| Image::read(check, node)),
            tasks: task::read_all(check, get("tasks")),
            ports: port::read_all(check, get("ports")),
            checkout_location: repository::location(check, file, "checkoutLocation"),
            workspace_location: repository::location(check, file, "workspaceLocation"),
            additional_repositories: repository::read_all(check, get("additionalRepositories")),
            main_configuration: file.text_of("mainConfiguration"),
            git_config: entries::git_config(check, get("gitConfig")),
            env: entries::env(check, get("env")),
            vscode: mapping("vscode").map(Vscode::read),
            jetbrains: mapping("jetbrains").map(Jetbrains::read),
            core_dump: mapping("coreDump").map(|node| CoreDump::read(check, node)),
            github: mapping("github").map(Github::read),
            experimental_network: get("experimentalNetwork").boolean(),
        }
    }
}

fn is_mapping(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}
