//! Where this server's groups may be in the hierarchy of version 2, and how that place is made ready.

use std::io;
use std::path::{Path, PathBuf};

use super::plan::CONTROLLERS;
use super::write;

/// Where processes go that are in the way: a group with controllers for its children may have none itself.
const ASIDE: &str = "gitpod-node";
/// How often they are moved; they may fork meanwhile.
const ROUNDS: u32 = 16;

/// A group below which this server makes its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct Unified {
    pub(super) base: PathBuf,
    /// Controllers it has for its children, or could have.
    pub(super) controllers: Vec<String>,
}

impl Unified {
    /// The place in the hierarchy mounted at `point`, which shows the part below `shown`, for a process whose group is `own`.
    ///
    /// It is the top if that can be written: with root's privileges, as other programs that make groups themselves do, and in
    /// containers with a hierarchy of their own. Otherwise it is the own group, if that was handed over (systemd:
    /// `Delegate=yes`).
    pub(super) fn find(point: &Path, shown: &str, own: &str) -> Option<Self> {
        let base = [Some(point.to_owned()), own_group(point, shown, own)]
            .into_iter()
            .flatten()
            .find(|base| is_ours(base))?;
        let controllers = controllers(&base, "cgroup.controllers");
        Some(Self { base, controllers })
    }

    /// Has the base pass its controllers on. Says what could not be done; limits that depend on it are not offered any more.
    pub(super) fn prepare(&mut self) -> io::Result<()> {
        let result = enable(&self.base).or_else(|error| {
            if error.raw_os_error() != Some(libc::EBUSY) {
                return Err(error);
            }
            move_aside(&self.base)?;
            enable(&self.base)
        });
        let passed_on = controllers(&self.base, "cgroup.subtree_control");
        self.controllers.retain(|name| passed_on.contains(name));
        result
    }
}

/// Has the group at `level` pass on the controllers that limits need, as far as it has them.
pub(super) fn enable(level: &Path) -> io::Result<()> {
    let passed_on = controllers(level, "cgroup.subtree_control");
    let offered = controllers(level, "cgroup.controllers");
    for name in CONTROLLERS {
        let has = |list: &[String]| list.iter().any(|other| other == name);
        if has(&offered) && !has(&passed_on) {
            write(level, "cgroup.subtree_control", &format!("+{name}"))?;
        }
    }
    Ok(())
}

/// Moves the processes of a group into a child of it.
fn move_aside(base: &Path) -> io::Result<()> {
    let aside = base.join(ASIDE);
    match std::fs::create_dir(&aside) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for _ in 0..ROUNDS {
        let processes = std::fs::read_to_string(base.join("cgroup.procs"))?;
        if processes.is_empty() {
            return Ok(());
        }
        for process in processes.lines() {
            match write(&aside, "cgroup.procs", process) {
                // Ended meanwhile.
                Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
                other => other?,
            }
        }
    }
    Err(io::Error::from_raw_os_error(libc::EBUSY))
}

fn own_group(point: &Path, shown: &str, own: &str) -> Option<PathBuf> {
    let own = Path::new(own);
    // An earlier server may have moved this one's parents aside.
    let own = if own.ends_with(ASIDE) {
        own.parent()?
    } else {
        own
    };
    let below = own.strip_prefix(shown).ok()?;
    let inside = below
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    inside.then(|| point.join(below))
}

fn is_ours(group: &Path) -> bool {
    let writable = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    writable(group)
        && writable(&group.join("cgroup.procs"))
        && writable(&group.join("cgroup.subtree_control"))
}

fn controllers(group: &Path, file: &str) -> Vec<String> {
    std::fs::read_to_string(group.join(file))
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// The group of version 2 in the text of `/proc/self/cgroup`.
pub(super) fn own(groups: &str) -> Option<&str> {
    groups.lines().find_map(|line| line.strip_prefix("0::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_group_is_found_below_the_mount_point() {
        let point = Path::new("/sys/fs/cgroup");
        let find = |shown, own| own_group(point, shown, own);
        let expected = Some(PathBuf::from("/sys/fs/cgroup/user.slice/my.service"));
        assert_eq!(find("/", "/user.slice/my.service"), expected);
        assert_eq!(find("/", "/user.slice/my.service/gitpod-node"), expected);
        // A bind mount of a part of the hierarchy.
        assert_eq!(find("/a", "/a/user.slice/my.service"), expected);
        assert_eq!(find("/b", "/a/user.slice/my.service"), None);
        // Outside of the control group namespace.
        assert_eq!(find("/", "/../other"), None);
        assert_eq!(own("1:name=systemd:/x\n0::/y\n"), Some("/y"));
        assert_eq!(own("1:name=systemd:/x\n"), None);
    }
}
