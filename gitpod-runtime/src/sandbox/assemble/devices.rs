//! `/dev`: six harmless devices, terminals, shared memory, message queues.

use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;

use rustix::fs::CWD;
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_string,
    fsmount, fsopen, open_tree,
};

use super::{attach_at, bind};
use crate::sandbox::protocol::Start;
use crate::sandbox::trouble::Trouble;

const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

const LINKS: [(&str, &str); 5] = [
    ("/proc/self/fd", "/dev/fd"),
    ("/proc/self/fd/0", "/dev/stdin"),
    ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"),
    ("pts/ptmx", "/dev/ptmx"),
];

/// Views of the node's devices, taken while they are in sight. Nobody in a user namespace can make devices.
pub(super) fn collect() -> Result<Vec<(&'static str, OwnedFd)>, Trouble> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    DEVICES
        .into_iter()
        .map(|name| {
            let path = format!("/dev/{name}");
            open_tree(CWD, &path, flags)
                .map(|device| (name, device))
                .map_err(|e| Trouble::new("cannot open a device", e).at(&path))
        })
        .collect()
}

/// Fills `/dev`.
pub(super) fn set_up(devices: Vec<(&'static str, OwnedFd)>, start: &Start) -> Result<(), Trouble> {
    let noexec = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let dev = mount("tmpfs", &[("size", "1m"), ("mode", "755")], noexec)?;
    attach_at(&dev, "/dev")?;
    for (name, device) in devices {
        let path = format!("/dev/{name}");
        let attach = || {
            std::fs::File::create_new(&path)?;
            Ok(bind(&device, &path)?)
        };
        attach()
            .map_err(|e: std::io::Error| Trouble::new("cannot attach a device", e).at(&path))?;
    }
    for (target, path) in LINKS {
        symlink(target, path).map_err(|e| Trouble::new("cannot make a link", e).at(path))?;
    }
    let mut terminals = vec![("mode", "620"), ("ptmxmode", "666"), ("newinstance", "")];
    if !start.ids.is_one() {
        terminals.push(("gid", "5"));
    }
    attach_at(&mount("devpts", &terminals, noexec)?, "/dev/pts")?;
    let size = start.shared_memory_bytes.to_string();
    let nodev = noexec | MountAttrFlags::MOUNT_ATTR_NODEV;
    let memory = mount("tmpfs", &[("size", &size), ("mode", "1777")], nodev)?;
    attach_at(&memory, "/dev/shm")?;
    attach_at(&mount("mqueue", &[], nodev)?, "/dev/mqueue")
}

fn mount(
    kind: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
) -> Result<OwnedFd, Trouble> {
    let make = || {
        let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(&context, "source", kind)?;
        for (key, value) in options {
            if value.is_empty() {
                rustix::mount::fsconfig_set_flag(&context, *key)?;
            } else {
                fsconfig_set_string(&context, *key, *value)?;
            }
        }
        fsconfig_create(&context)?;
        fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
    };
    make().map_err(|e: Errno| Trouble::new(format!("cannot mount {kind}"), e))
}
