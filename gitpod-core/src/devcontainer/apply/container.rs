//! Users, rights, mounts and resources.

use super::{Devcontainer, Surroundings};
use crate::devcontainer::model::Gpu;
use crate::devcontainer::notice::Notices;

/// The user of a workspace.
const USER: &str = "gitpod";

pub(super) fn apply(file: &Devcontainer, surroundings: &Surroundings, notices: &mut Notices<'_>) {
    users(file, notices);
    rights(file, notices);
    for (index, entry) in file.mounts.iter().enumerate() {
        let of_host = entry.parts().is_none_or(|parts| parts.kind == "bind");
        mount(&format!("mounts[{index}]"), of_host, notices);
    }
    if file.override_command == Some(false) {
        let instead =
            "the image's own command is not run; start what it starts in postStartCommand";
        notices.ignored("overrideCommand", instead);
    }
    if file.init == Some(false) {
        notices.adapted(
            "init",
            "a workspace's first process always reaps the others",
        );
    }
    if file.shutdown_action == Some("none") {
        let instead = "the workspace stops when it has not been used for some time";
        notices.adapted("shutdownAction", instead);
    }
    requirements(file, surroundings, notices);
}

fn users(file: &Devcontainer, notices: &mut Notices<'_>) {
    for (property, name) in [
        ("containerUser", &file.container_user),
        ("remoteUser", &file.remote_user),
    ] {
        if let Some(name) = name {
            user(property, name, notices);
        }
    }
    if file.update_remote_user_uid == Some(false) {
        let instead = "the user's id is the same in every workspace, and its files are the user's";
        notices.ignored("updateRemoteUserUID", instead);
    }
    if file.user_env_probe.is_some() {
        notices.ignored(
            "userEnvProbe",
            "each terminal's own shell sets its environment",
        );
    }
}

pub(super) fn user(property: &str, name: &str, notices: &mut Notices<'_>) {
    if name != USER {
        let instead = format!("everything runs as the workspace's own user, `{USER}`");
        notices.adapted(property, instead);
    }
}

fn rights(file: &Devcontainer, notices: &mut Notices<'_>) {
    const INSTEAD: &str = "a workspace has no rights on its host";
    if file.privileged == Some(true) {
        notices.refused("privileged", INSTEAD);
    }
    for (property, list) in [
        ("capAdd", &file.cap_add),
        ("securityOpt", &file.security_opt),
    ] {
        for index in 0..list.len() {
            notices.refused(format!("{property}[{index}]"), INSTEAD);
        }
    }
}

pub(super) fn mount(property: &str, of_host: bool, notices: &mut Notices<'_>) {
    if of_host {
        notices.refused(property, "nothing of the host is mounted");
    } else {
        notices.ignored(property, "not mounted; what is below /workspace is kept");
    }
}

fn requirements(file: &Devcontainer, surroundings: &Surroundings, notices: &mut Notices<'_>) {
    let Some(needs) = &file.host_requirements else {
        return;
    };
    match &surroundings.resources {
        Some(resources) => {
            for unmet in needs.unmet(resources) {
                notices.ignored(
                    format!("hostRequirements.{}", unmet.property),
                    unmet.instead(),
                );
            }
        }
        None => {
            for (given, property) in [
                (needs.cpus.is_some(), "cpus"),
                (needs.memory.is_some(), "memory"),
                (needs.storage.is_some(), "storage"),
            ] {
                if given {
                    let instead = "the workspace's class says what there is";
                    notices.adapted(format!("hostRequirements.{property}"), instead);
                }
            }
        }
    }
    if !matches!(needs.gpu, None | Some(Gpu::Needed(false))) {
        notices.ignored("hostRequirements.gpu", "no graphics processor is offered");
    }
}
