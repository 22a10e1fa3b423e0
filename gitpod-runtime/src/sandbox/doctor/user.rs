//! What a user may do, without root.

use std::fs::File;

use super::{EGRESS, Finding, why};
use crate::sandbox::layers::Layers;
use crate::sandbox::pasta;
use crate::sandbox::trial::Trial;

const NAMESPACES: &str = "user namespaces";
const OVERLAYS: &str = "overlays";

/// Tries it.
pub(super) fn findings() -> Vec<Finding> {
    let Some(trial) = Trial::hold() else {
        return vec![Finding::wanting(
            NAMESPACES,
            "not tried: this program is not a sandbox's launcher",
            "call `gitpod_runtime::sandbox::reexec()` first in `main`",
        )];
    };
    if let Err(trouble) = &trial.namespaces {
        return vec![Finding::missing(
            NAMESPACES,
            why(trouble.clone()),
            how_to_allow(),
        )];
    }
    let mut findings = vec![Finding::ok(
        NAMESPACES,
        "this user may make them, with itself in them",
    )];
    if let Some(inside) = &trial.inside {
        findings.push(match (trial.layers(), &inside.attached) {
            (Some(Layers::Detached), _) => Finding::ok(OVERLAYS, "of detached layers"),
            (Some(Layers::Attached), _) => Finding::ok(
                OVERLAYS,
                "of attached layers: this kernel is older than 6.15; starts are a little slower",
            ),
            (None, attached) => Finding::missing(
                OVERLAYS,
                attached.clone().err().map(why).unwrap_or_default(),
                "boot Linux 5.19 or newer with overlayfs (as root: modprobe overlay)",
            ),
        });
        if let Err(trouble) = &inside.kernel_file_systems {
            findings.push(Finding::missing(
                "kernel file systems",
                why(trouble.clone()),
                "/proc and /sys of this machine are covered in part, as in a container: start that with all of them in sight (docker: --security-opt systempaths=unconfined --security-opt seccomp=unconfined)",
            ));
        }
    }
    findings
}

/// Limits without a control group of one's own.
pub(super) fn no_limits(name: &'static str, controller: &str) -> Finding {
    if controller == "pids" {
        return Finding::ok(
            name,
            "by resource limits, which the kernel counts per workspace",
        );
    }
    Finding::wanting(
        name,
        format!(
            "no control group with `{controller}` is this user's: workspaces run without the limits of their class"
        ),
        "start the server in a group of its own: systemd-run --user --scope -p Delegate=yes gitpod-server serve (needs cgroup v2); should its group lack the controller, as root: systemctl edit user@.service, with `[Service]` and `Delegate=cpu memory pids`, and sign in again",
    )
}

/// The way out by a program that needs no privileges.
pub(super) fn egress() -> Finding {
    const WITHOUT: &str = "clones reach the network, workspaces themselves alone";
    let Some(program) = pasta::find() else {
        return Finding::wanting(
            EGRESS,
            format!("no `pasta` program: {WITHOUT}"),
            "as root: apt install passt (or what your distribution calls it), then start the server again",
        );
    };
    let program_name = program.display();
    match pasta::rehearse(&program) {
        Ok(()) => Finding::ok(EGRESS, format!("by {program_name}")),
        Err(why) => Finding::wanting(
            EGRESS,
            format!("{program_name} does not work: {why}; {WITHOUT}"),
            how_to_link(),
        ),
    }
}

/// What `pasta` needs, as far as it can be told.
fn how_to_link() -> &'static str {
    let tunnels = File::options().read(true).write(true).open("/dev/net/tun");
    if tunnels.is_err() {
        return "as root: modprobe tun && chmod 666 /dev/net/tun (as udev does); inside a container: --device /dev/net/tun";
    }
    "connect this machine to an IPv4 network with a default route; run `pasta --config-net true` to see more; then start the server again"
}

/// Who forbids user namespaces, as far as it can be told, and what lets them be.
fn how_to_allow() -> &'static str {
    let setting = |name: &str| {
        let text = std::fs::read_to_string(format!("/proc/sys/{name}")).unwrap_or_default();
        text.trim().to_owned()
    };
    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1" {
        return "AppArmor keeps users from it; as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with `userns,` for this program";
    }
    if setting("kernel/unprivileged_userns_clone") == "0" {
        return "as root: sysctl kernel.unprivileged_userns_clone=1 (and into /etc/sysctl.d, to keep it)";
    }
    if setting("user/max_user_namespaces") == "0" {
        return "as root: sysctl user.max_user_namespaces=10000 (and into /etc/sysctl.d, to keep it)";
    }
    "inside a container, let it make user namespaces (docker: --security-opt seccomp=unconfined); else start the server as root"
}
