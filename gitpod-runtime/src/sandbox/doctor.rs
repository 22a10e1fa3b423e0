use std::path::Path;

use super::cgroup::Hierarchies;

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

/// Looks at this machine: what the sandbox needs, what it likes to have, and how to get what is missing. Changes nothing.
pub fn doctor() -> Vec<Finding> {
    let mount_table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let hierarchies = Hierarchies::detect(&mount_table);
    let mut findings = vec![privileges(), kernel(), overlay(), namespaces()];
    for (controller, name) in [
        ("memory", "memory limits"),
        ("cpu", "cpu limits"),
        ("pids", "process limits"),
    ] {
        findings.push(limits(name, controller, hierarchies.offers(controller)));
    }
    findings.push(packet_filter());
    findings
}

fn limits(name: &'static str, controller: &str, offered: bool) -> Finding {
    if offered {
        let detail = format!("control group controller `{controller}` is there and writable");
        return Finding::ok(name, detail);
    }
    Finding::wanting(
        name,
        format!("no writable control group with the controller `{controller}`"),
        "mount cgroup2 at /sys/fs/cgroup, or delegate a group to this user (systemd: Delegate=yes)",
    )
}

fn privileges() -> Finding {
    if rustix::process::geteuid().is_root() {
        return Finding::ok("root", "runs as root");
    }
    Finding::missing(
        "root",
        "runs as an ordinary user: ids cannot be mapped and limits cannot be set",
        "start the server as root; workspaces do not get any of its privileges",
    )
}

fn kernel() -> Finding {
    let release = rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    if at_least(&release, (6, 13)) {
        return Finding::ok("kernel", format!("Linux {release}"));
    }
    Finding::missing(
        "kernel",
        format!("Linux {release} cannot make overlays of unattached layers"),
        "boot Linux 6.13 or newer (Debian 12: linux-image-amd64 from bookworm-backports)",
    )
}

fn at_least(release: &str, (major, minor): (u32, u32)) -> bool {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= (major, minor)
}

fn overlay() -> Finding {
    let known = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
    let mut names = known
        .lines()
        .filter_map(|line| line.split_whitespace().last());
    if names.any(|name| name == "overlay") {
        return Finding::ok("overlay", "the kernel has overlayfs");
    }
    Finding::missing(
        "overlay",
        "the kernel has no overlayfs",
        "load it: modprobe overlay",
    )
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
        Some(path) => Finding::ok("network egress", format!("{} is there", path.display())),
        None => Finding::wanting(
            "network egress",
            "no `nft` program: workspaces get no way out to the network",
            "install the package `nftables`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_compare_by_number() {
        assert!(at_least("6.18.44-fc", (6, 13)));
        assert!(at_least("7.0", (6, 13)));
        assert!(!at_least("6.1.0-42-amd64", (6, 13)));
        assert!(!at_least("5.10.0", (6, 13)));
    }

    #[test]
    fn whatever_is_missing_says_what_to_do() {
        let silent = |finding: &Finding| !finding.ok && finding.how_to_fix.is_empty();
        assert_eq!(doctor().into_iter().find(silent), None);
    }
}
