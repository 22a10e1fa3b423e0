//! Reads the properties, group by group.

use super::customizations::present_texts;
use super::{
    Build, Command, Customizations, Devcontainer, HostRequirements, MountEntry, OneOrMany,
    PortAttributes, entries, feature, port, secret,
};
use crate::devcontainer::check::{Check, Object};

pub(super) const KEYS: [&str; 43] = [
    "$schema",
    "name",
    "image",
    "build",
    "dockerFile",
    "context",
    "dockerComposeFile",
    "service",
    "runServices",
    "features",
    "overrideFeatureInstallOrder",
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
    "waitFor",
    "forwardPorts",
    "portsAttributes",
    "otherPortsAttributes",
    "appPort",
    "containerEnv",
    "remoteEnv",
    "secrets",
    "containerUser",
    "remoteUser",
    "updateRemoteUserUID",
    "userEnvProbe",
    "workspaceMount",
    "workspaceFolder",
    "mounts",
    "runArgs",
    "overrideCommand",
    "init",
    "privileged",
    "capAdd",
    "securityOpt",
    "shutdownAction",
    "hostRequirements",
    "customizations",
    "extensions",
    "settings",
];
const WAIT_FOR: [(&str, &str); 5] = [
    ("initializeCommand", "initializeCommand"),
    ("onCreateCommand", "onCreateCommand"),
    ("updateContentCommand", "updateContentCommand"),
    ("postCreateCommand", "postCreateCommand"),
    ("postStartCommand", "postStartCommand"),
];
const USER_ENV_PROBE: [(&str, &str); 4] = [
    ("none", "none"),
    ("loginShell", "loginShell"),
    ("loginInteractiveShell", "loginInteractiveShell"),
    ("interactiveShell", "interactiveShell"),
];
const SHUTDOWN_ACTION: [(&str, &str); 3] = [
    ("none", "none"),
    ("stopContainer", "stopContainer"),
    ("stopCompose", "stopCompose"),
];
const LEGACY: [(&str, &str); 5] = [
    ("dockerFile", "build.dockerfile"),
    ("context", "build.context"),
    ("appPort", "forwardPorts"),
    ("extensions", "customizations.vscode.extensions"),
    ("settings", "customizations.vscode.settings"),
];

/// Says what to write instead of properties of older versions.
pub(super) fn warn_of_legacy(check: &mut Check, keys: &Object<'_>) {
    for (old, new) in LEGACY {
        if let Some(field) = keys.get(old) {
            check.warn(field.key_at, old, format!("deprecated, use `{new}`"));
        }
    }
}

impl Devcontainer {
    pub(super) fn tools(&mut self, check: &mut Check, keys: &Object<'_>) {
        self.schema = check.text(keys.get("$schema"));
        self.name = check.text(keys.get("name"));
        self.image = check.text(keys.get("image"));
        let build = keys.get("build");
        self.build = build.and_then(|field| Build::read(check, &field));
        self.docker_file = check.text(keys.get("dockerFile"));
        self.context = check.text(keys.get("context"));
        let compose = keys.get("dockerComposeFile");
        if let Some(field) = compose.clone().filter(|_| keys.get("service").is_none()) {
            let message = "dockerComposeFile needs a `service` beside it: the one to work in";
            check.error(field.key_at, "dockerComposeFile", message);
        }
        self.docker_compose_file =
            OneOrMany::read(check, compose, |check, field| check.text(Some(field)));
        self.service = check.text(keys.get("service"));
        self.run_services = present_texts(check, keys.get("runServices"));
        self.features = feature::read_all(check, keys.get("features"));
        self.override_feature_install_order =
            present_texts(check, keys.get("overrideFeatureInstallOrder"));

        let sources = ["dockerComposeFile", "build", "dockerFile", "image"];
        let mut given = sources.iter().filter_map(|key| Some((key, keys.get(key)?)));
        let first = given.next();
        for (key, field) in given {
            let first = first.as_ref().map_or("", |(key, _)| key);
            let message = format!("has no effect beside `{first}`");
            check.warn(field.key_at, key, message);
        }
    }

    pub(super) fn commands(&mut self, check: &mut Check, keys: &Object<'_>) {
        let mut command = |key| Command::read(check, keys.get(key));
        self.initialize_command = command("initializeCommand");
        self.on_create_command = command("onCreateCommand");
        self.update_content_command = command("updateContentCommand");
        self.post_create_command = command("postCreateCommand");
        self.post_start_command = command("postStartCommand");
        self.post_attach_command = command("postAttachCommand");
        self.wait_for = check.choice(keys.get("waitFor"), &WAIT_FOR);
    }

    pub(super) fn ports(&mut self, check: &mut Check, keys: &Object<'_>) {
        self.forward_ports = port::forwarded(check, keys.get("forwardPorts"));
        self.ports_attributes = port::attributes(check, keys.get("portsAttributes"));
        let others = keys.get("otherPortsAttributes");
        self.other_ports_attributes = others.and_then(|field| PortAttributes::read(check, &field));
        self.app_port = port::published(check, keys.get("appPort"));
    }

    pub(super) fn environment(&mut self, check: &mut Check, keys: &Object<'_>) {
        self.container_env = entries::texts(check, keys.get("containerEnv"));
        self.remote_env = entries::optional_texts(check, keys.get("remoteEnv"));
        self.secrets = secret::read_all(check, keys.get("secrets"));
        self.container_user = check.text(keys.get("containerUser"));
        self.remote_user = check.text(keys.get("remoteUser"));
        self.update_remote_user_uid = check.boolean(keys.get("updateRemoteUserUID"));
        self.user_env_probe = check.choice(keys.get("userEnvProbe"), &USER_ENV_PROBE);
    }

    pub(super) fn container(&mut self, check: &mut Check, keys: &Object<'_>) {
        self.workspace_mount = check.text(keys.get("workspaceMount"));
        self.workspace_folder = check.text(keys.get("workspaceFolder"));
        let mounts = check.list(keys.get("mounts")).into_iter();
        self.mounts = mounts
            .filter_map(|mount| MountEntry::read(check, mount))
            .collect();
        self.run_args = check.texts(keys.get("runArgs"));
        self.override_command = check.boolean(keys.get("overrideCommand"));
        self.init = check.boolean(keys.get("init"));
        self.privileged = check.boolean(keys.get("privileged"));
        self.cap_add = check.texts(keys.get("capAdd"));
        self.security_opt = check.texts(keys.get("securityOpt"));
        self.shutdown_action = check.choice(keys.get("shutdownAction"), &SHUTDOWN_ACTION);
        let requirements = keys.get("hostRequirements");
        self.host_requirements =
            requirements.and_then(|field| HostRequirements::read(check, &field));
    }

    pub(super) fn editors(&mut self, check: &mut Check, keys: &Object<'_>) {
        let customizations = keys.get("customizations");
        self.customizations = customizations.and_then(|field| Customizations::read(check, &field));
        self.extensions = present_texts(check, keys.get("extensions"));
        self.settings = check.json_object(keys.get("settings"));
    }
}
