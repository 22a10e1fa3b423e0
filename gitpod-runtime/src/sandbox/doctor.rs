use std::path::Path;

use super::cgroup::Hierarchies;

/// One thing the sandbox needs or likes to have, and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked at, such as `user namespaces`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Whether the sandbox cannot run at all without it.
    pub required: bool,
    /// What was found.
    pub detail: String,
    /// What to do if it is not as it should be.
    pub how_to_fix: &'static str,
}

/// Looks at this machine: what the sandbox needs, what it likes to have, and how to get what is missing. Changes nothing.
pub fn doctor() -> Vec<Finding> {
    let mount_table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let hierarchies = Hierarchies::detect(&mount_table);
    let mut findings = vec![
        privileges(),
        kernel(),
        file_system("overlay", "load the module `overlay` (modprobe overlay)"),
        namespaces(),
    ];
    for (controller, name) in [
        ("memory", "memory limits"),
        ("cpu", "cpu limits"),
        ("pids", "process limits"),
    ] {
        let ok = hierarchies.offers(controller);
        findings.push(Finding {
            name,
            ok,
            required: false,
            detail: if ok {
                format!("control group controller `{controller}` is there and writable")
            } else {
                format!("no writable control group with the controller `{controller}`")
            },
            how_to_fix: "mount cgroup2 at /sys/fs/cgroup, or delegate a group to this user (systemd: Delegate=yes)",
        });
    }
    findings.push(packet_filter());
    findings.push(Finding {
        name: "disk limits",
        ok: false,
        required: false,
        detail: String::from(
            "the sandbox limits what it keeps in memory; content is limited by its file system",
        ),
        how_to_fix: "keep the data directory on a file system of its own",
    });
    findings
}

fn privileges() -> Finding {
    let root = rustix::process::geteuid().is_root();
    Finding {
        name: "root",
        ok: root,
        required: true,
        detail: if root {
            String::from("runs as root")
        } else {
            String::from("runs as an ordinary user: ids cannot be mapped and limits cannot be set")
        },
        how_to_fix: "start the server as root; workspaces do not get any of its privileges",
    }
}

fn kernel() -> Finding {
    let release = rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    let ok = at_least(&release, (6, 13));
    Finding {
        name: "kernel",
        ok,
        required: true,
        detail: format!("Linux {release}"),
        how_to_fix: "boot Linux 6.13 or newer (Debian 12: linux-image-amd64 from bookworm-backports)",
    }
}

fn at_least(release: &str, (major, minor): (u32, u32)) -> bool {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= (major, minor)
}

fn file_system(name: &'static str, how_to_fix: &'static str) -> Finding {
    let known = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
    let ok = known
        .lines()
        .any(|line| line.split_whitespace().last() == Some(name));
    Finding {
        name,
        ok,
        required: true,
        detail: if ok {
            String::from("the kernel knows it")
        } else {
            String::from("the kernel does not know it")
        },
        how_to_fix,
    }
}

fn namespaces() -> Finding {
    let kinds = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"];
    let missing: Vec<_> = kinds
        .into_iter()
        .filter(|kind| !Path::new("/proc/self/ns").join(kind).exists())
        .collect();
    let most = std::fs::read_to_string("/proc/sys/user/max_user_namespaces")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    let ok = missing.is_empty() && most != Some(0);
    Finding {
        name: "namespaces",
        ok,
        required: true,
        detail: if ok {
            String::from("all kinds are there")
        } else {
            format!(
                "missing: {}; user namespaces allowed: {most:?}",
                missing.join(", ")
            )
        },
        how_to_fix: "use a kernel with all namespaces and set user.max_user_namespaces above 0 with sysctl",
    }
}

fn packet_filter() -> Finding {
    let places = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
    let found = places
        .iter()
        .map(|place| Path::new(place).join("nft"))
        .find(|path| path.exists());
    Finding {
        name: "network egress",
        ok: found.is_some(),
        required: false,
        detail: found.map_or_else(
            || String::from("no `nft` program: instances get no way out to the network"),
            |path| format!("{} is there", path.display()),
        ),
        how_to_fix: "install the package `nftables`",
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
    fn every_finding_says_what_to_do() {
        assert!(
            doctor()
                .iter()
                .all(|finding| !finding.how_to_fix.is_empty())
        );
    }
}
