//! `/sys/fs/cgroup`: the instance's own control groups, to be read. Language runtimes size themselves by the limits they find
//! there, and the supervisor learns of processes that were killed for memory.

use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen,
};

use super::attach_at;
use crate::sandbox::cgroup::CgroupPlan;
use crate::sandbox::sys::{MountAttributes, set_mount_attributes};
use crate::sandbox::trouble::Trouble;

const PLACE: &str = "/sys/fs/cgroup";

/// Shows the groups, as far as the kernel lets a user namespace see them.
pub(super) fn show(plan: &CgroupPlan) -> Result<(), Trouble> {
    if std::fs::symlink_metadata(PLACE).is_err() {
        return Ok(());
    }
    if plan.is_unified() {
        return match read_only("cgroup2", None) {
            Ok(groups) => attach_at(&groups, PLACE),
            // A convenience: limits hold without being seen.
            Err(_) => Ok(()),
        };
    }
    let controllers = plan.controllers();
    let visible: Vec<_> = controllers
        .filter_map(|name| Some((name, read_only("cgroup", Some(name)).ok()?)))
        .collect();
    if visible.is_empty() {
        return Ok(());
    }
    let directory = directory().map_err(|e| Trouble::new("cannot show control groups", e))?;
    attach_at(&directory, PLACE)?;
    for (name, groups) in visible {
        attach_at(&groups, &format!("{PLACE}/{name}"))?;
    }
    // Only now: the directories of the controllers had to be made in it.
    let sealed = MountAttributes {
        set: libc::MOUNT_ATTR_RDONLY,
        ..MountAttributes::default()
    };
    set_mount_attributes(directory.as_fd(), sealed)
        .map_err(|e| Trouble::new("cannot seal the directory of control groups", e))
}

fn read_only(kind: &str, controller: Option<&str>) -> Result<OwnedFd, Errno> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&context, "source", "cgroup")?;
    if let Some(controller) = controller {
        fsconfig_set_flag(&context, controller)?;
    }
    fsconfig_create(&context)?;
    let safe = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    fsmount(
        &context,
        FsMountFlags::FSMOUNT_CLOEXEC,
        safe | MountAttrFlags::MOUNT_ATTR_RDONLY,
    )
}

fn directory() -> Result<OwnedFd, Errno> {
    let context = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&context, "source", "cgroup")?;
    fsconfig_set_string(&context, "size", "64k")?;
    fsconfig_set_string(&context, "mode", "755")?;
    fsconfig_create(&context)?;
    fsmount(
        &context,
        FsMountFlags::FSMOUNT_CLOEXEC,
        MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC,
    )
}
