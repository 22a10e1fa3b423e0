//! The file's model: the properties as they are written, nothing added.

use serde::Serialize;
use serde_json::Value as Json;

use super::check::{Check, Field};
use super::places::Places;
use super::tree::Node;

mod build;
mod command;
mod customizations;
mod entries;
mod feature;
mod mount;
mod port;
mod read;
mod requirements;
mod secret;

pub use build::Build;
pub use command::{Command, Step};
pub use customizations::{Customizations, JetbrainsCustomization, VscodeCustomization};
pub use entries::OneOrMany;
pub use mount::{MountEntry, MountParts};
pub use port::{AutoForward, ForwardPort, PortAttributes, PublishedPort};
pub use requirements::{Gpu, HostRequirements, Size};
pub use secret::RecommendedSecret;

/// A `devcontainer.json`. Serializes as the normalised JSON of the file: its properties, and nothing that it does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Devcontainer {
    /// Where the file's schema is.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,

    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// How the image is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// As `build.dockerfile` (legacy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker_file: Option<String>,
    /// As `build.context` (legacy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Compose files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker_compose_file: Option<OneOrMany<String>>,
    /// The service of the compose files to work in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The services that run; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_services: Option<Vec<String>>,
    /// Features with their options, in the order of the file.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub features: Vec<(String, Json)>,
    /// Features that are installed before the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_feature_install_order: Option<Vec<String>>,

    /// Runs on the host before anything else (never here).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initialize_command: Option<Command>,
    /// Runs once, first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_create_command: Option<Command>,
    /// Runs once, after `onCreateCommand`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_content_command: Option<Command>,
    /// Runs once, when the workspace has its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_create_command: Option<Command>,
    /// Runs at every start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_start_command: Option<Command>,
    /// Runs whenever an editor attaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_attach_command: Option<Command>,
    /// Which of the commands an editor waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<&'static str>,

    /// Ports to forward.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forward_ports: Vec<ForwardPort>,
    /// What is known of ports, by number, range, host and port, or regular expression.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub ports_attributes: Vec<(String, PortAttributes)>,
    /// What is known of all other ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_ports_attributes: Option<PortAttributes>,
    /// Ports to publish (legacy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_port: Option<OneOrMany<PublishedPort>>,

    /// Environment of the container.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub container_env: Vec<(String, String)>,
    /// Environment of editors and terminals; `None` takes a variable away.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub remote_env: Vec<(String, Option<String>)>,
    /// Secrets that the user is recommended to set.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub secrets: Vec<(String, RecommendedSecret)>,

    /// The container's user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_user: Option<String>,
    /// The user of editors, terminals and commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_user: Option<String>,
    /// Whether the user's id is made that of the host's user.
    #[serde(
        rename = "updateRemoteUserUID",
        skip_serializing_if = "Option::is_none"
    )]
    pub update_remote_user_uid: Option<bool>,
    /// Which shell tells the user's environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_env_probe: Option<&'static str>,

    /// Where the repository is mounted from and to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_mount: Option<String>,
    /// What the editor opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_folder: Option<String>,
    /// Further mounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<MountEntry>,
    /// Arguments of the container's command line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run_args: Vec<String>,
    /// Whether the image's command is replaced by one that only waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_command: Option<bool>,
    /// Whether PID 1 reaps processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
    /// Whether the container may do anything to its host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// Further capabilities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cap_add: Vec<String>,
    /// Security options.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_opt: Vec<String>,
    /// What happens when the editor closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_action: Option<&'static str>,
    /// What the machine must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_requirements: Option<HostRequirements>,

    /// What tools shall have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customizations: Option<Customizations>,
    /// As `customizations.vscode.extensions` (legacy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<String>>,
    /// As `customizations.vscode.settings` (legacy).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Json>,

    #[serde(skip)]
    pub(super) places: Places,
}

impl Devcontainer {
    pub(super) fn read(check: &mut Check, file: &Node) -> Self {
        let root = Field {
            path: String::new(),
            key_at: file.at,
            node: file,
        };
        let Some(keys) = check.object(&root, &read::KEYS) else {
            return Self::default();
        };
        let mut read = Self {
            places: Places::of_tree(file),
            ..Self::default()
        };
        read.tools(check, &keys);
        read.commands(check, &keys);
        read.ports(check, &keys);
        read.environment(check, &keys);
        read.container(check, &keys);
        read.editors(check, &keys);
        read::warn_of_legacy(check, &keys);
        read
    }
}
