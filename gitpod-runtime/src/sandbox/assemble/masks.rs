//! Paths of kernel file systems that tell or change something about the node.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::CWD;
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_string,
    fsmount, fsopen, open_tree,
};

use super::bind;
use crate::sandbox::sys::{MountAttributes, set_mount_attributes};
use crate::sandbox::trouble::Trouble;

/// Docker's list: they seem empty.
const MASKED: [&str; 12] = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
];

/// Docker's list: they can be read.
const READ_ONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];

/// Masks and write-protects. A path the kernel does not have needs neither.
pub(super) fn apply() -> Result<(), Trouble> {
    let mut nothing = None;
    for path in MASKED {
        let cannot = |e: Errno| Trouble::new("cannot mask a path", e).at(path);
        match std::fs::symlink_metadata(path) {
            Ok(meta) if meta.is_dir() => {
                let empty = match nothing {
                    Some(masked) => clone_of(masked).map_err(cannot)?,
                    None => empty_directory()?,
                };
                bind(&empty, path).map_err(cannot)?;
                nothing = Some(path);
            }
            Ok(_) => clone_of("/dev/null")
                .and_then(|null| bind(&null, path))
                .map_err(cannot)?,
            Err(_) => {}
        }
    }
    for path in READ_ONLY {
        if std::fs::symlink_metadata(path).is_err() {
            continue;
        }
        let protect = || -> std::io::Result<()> {
            let view = clone_of(path)?;
            set_mount_attributes(
                view.as_fd(),
                MountAttributes {
                    set: libc::MOUNT_ATTR_RDONLY
                        | libc::MOUNT_ATTR_NOSUID
                        | libc::MOUNT_ATTR_NODEV
                        | libc::MOUNT_ATTR_NOEXEC,
                    ..MountAttributes::default()
                },
            )?;
            Ok(bind(&view, path)?)
        };
        protect().map_err(|e| Trouble::new("cannot write-protect a path", e).at(path))?;
    }
    Ok(())
}

fn empty_directory() -> Result<OwnedFd, Trouble> {
    let make = || {
        let context = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(&context, "source", "masked")?;
        fsconfig_set_string(&context, "size", "0")?;
        fsconfig_set_string(&context, "nr_inodes", "1")?;
        fsconfig_set_string(&context, "mode", "555")?;
        fsconfig_create(&context)?;
        fsmount(
            &context,
            FsMountFlags::FSMOUNT_CLOEXEC,
            MountAttrFlags::MOUNT_ATTR_RDONLY,
        )
    };
    make().map_err(|e: Errno| Trouble::new("cannot make an empty directory", e))
}

fn clone_of(path: &str) -> Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    open_tree(CWD, path, flags)
}
