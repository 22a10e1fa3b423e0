mod user;

use std::path::Path;

use super::cgroup::Hierarchies;
use super::layers::Layers;
use super::sys;
use super::trouble::Trouble;

/// One thing the sandbox needs or likes to have, and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked at, such as `namespaces`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Whether nothing works without it.
    pub required: bool,
    /// What was found.
    pub detail: String,
    /// What to do; empty if all is well.
    pub how_to_fix: &'static str,
}

impl Finding {
    /// It is there.
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            required: true,
            detail: detail.into(),
            how_to_fix: "",
        }
    }

    /// It is missing, and nothing works without it.
    fn missing(name: &'static str, detail: impl Into<String>, how_to_fix: &'static str) -> Self {
        Self {
            name,
            ok: false,
            required: true,
            detail: detail.into(),
            how_to_fix,
        }
    }

    /// It is missing, and something works less well without it.
    fn wanting(name: &'static str, detail: impl Into<String>, how_to_fix: &'static str) -> Self {
        Self {
            required: false,
            ..Self::missing(name, detail, how_to_fix)
        }
    }
}

/// The finding about the way out to the network.
pub(super) const EGRESS: &str = "network egress";

/// Looks at this machine: what the sandbox needs, what it likes to have, and how to get what is missing. Changes nothing.
pub fn doctor() -> Vec<Finding> {
    let hierarchies = Hierarchies::find();
    let mut findings = vec![privileges(), kernel()];
    if rustix::process::geteuid().is_root() {
        findings.extend([overlays(), namespaces()]);
    } else {
        findings.extend(user::findings());
    }
    let root = rustix::process::geteuid().is_root();
    for (controller, name) in [
        ("memory", "memory limits"),
        ("cpu", "cpu limits"),
        ("pids", "process limits"),
    ] {
        findings.push(match hierarchies.describe(controller) {
            Some(detail) => Finding::ok(name, detail),
            None if root => no_limits(name, controller),
            None => user::no_limits(name, controller),
        });
    }
    findings.push(if root {
        packet_filter()
    } else {
        user::egress()
    });
    findings
}

fn no_limits(name: &'static str, controller: &str) -> Finding {
    Finding::wanting(
        name,
        format!("no writable control group with the controller `{controller}`"),
        "mount cgroup2 at /sys/fs/cgroup; inside a container, give it a writable one",
    )
}

fn privileges() -> Finding {
    if rustix::process::geteuid().is_root() {
        return Finding::ok("root", "runs as root");
    }
    Finding::wanting(
        "root",
        "runs as an ordinary user: a workspace has one user and no root (no `apt install`), its disk is not limited",
        "start the server as root, if that is wanted; workspaces get none of its privileges",
    )
}

fn kernel() -> Finding {
    let release = rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    // Tried, not guessed from the number: kernels are patched, and containers forbid calls.
    match sys::missing_calls() {
        missing if missing.is_empty() => Finding::ok("kernel", format!("Linux {release}")),
        missing => Finding::missing(
            "kernel",
            format!("Linux {release} lacks {}", missing.join(", ")),
            "boot Linux 5.19 or newer; inside a container, allow these system calls (docker: --privileged)",
        ),
    }
}

fn overlays() -> Finding {
    const NAME: &str = "overlays";
    let detached = match Layers::Detached.check() {
        Ok(()) => return Finding::ok(NAME, "of detached layers"),
        Err(trouble) => trouble,
    };
    match Layers::Attached.check() {
        Ok(()) => Finding::ok(
            NAME,
            "of attached layers: this kernel is older than 6.15; starts are a little slower",
        ),
        Err(attached) => Finding::missing(
            NAME,
            format!("{}; {}", why(detached), why(attached)),
            "run as root on Linux 5.19 or newer with overlayfs (modprobe overlay)",
        ),
    }
}

/// What happened, and why.
fn why(trouble: Trouble) -> String {
    let error = gitpod_core::Error::from(trouble);
    match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn namespaces() -> Finding {
    let kinds = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"];
    let missing: Vec<_> = kinds
        .into_iter()
        .filter(|kind| !Path::new("/proc/self/ns").join(kind).exists())
        .collect();
    let most = std::fs::read_to_string("/proc/sys/user/max_user_namespaces").unwrap_or_default();
    if missing.is_empty() && most.trim() != "0" {
        return Finding::ok("namespaces", "all kinds are there");
    }
    Finding::missing(
        "namespaces",
        format!(
            "missing kinds: {}; user namespaces allowed: {}",
            missing.join(", "),
            most.trim()
        ),
        "use a kernel with all namespaces and set user.max_user_namespaces above 0 with sysctl",
    )
}

fn packet_filter() -> Finding {
    let places = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
    let mut paths = places.iter().map(|place| Path::new(place).join("nft"));
    match paths.find(|path| path.exists()) {
        Some(path) => Finding::ok(EGRESS, format!("{} is there", path.display())),
        None => Finding::wanting(
            EGRESS,
            "no `nft` program: workspaces get no way out to the network",
            "install the package `nftables`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_missing_says_what_to_do() {
        let silent = |finding: &Finding| !finding.ok && finding.how_to_fix.is_empty();
        assert_eq!(doctor().into_iter().find(silent), None);
    }
}
