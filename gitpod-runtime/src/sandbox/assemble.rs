//! The inside of an instance's construction: runs in its namespaces, as its root, before its first program.

mod devices;
mod groups;
mod masks;

use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use gitpod_core::image::RootFs;
use gitpod_core::instance::Network;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, UnmountFlags,
    fsconfig_create, fsconfig_set_string, fsmount, fsopen, move_mount,
};

use super::mounts::{Prepared, prepare};
use super::protocol::{MountTarget, Start};
use super::stage::Stage;
use super::trouble::Trouble;

/// Makes the root of `prepared` the root, attaches everything else below it, and sets up names and loopback. Prepares the mounts
/// itself if nobody could.
pub(super) fn assemble(start: &Start, prepared: Option<Prepared>) -> Result<(), Trouble> {
    rustix::mount::mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .map_err(|e| Trouble::new("cannot cut off the node's mounts", e))?;
    let Prepared { root, others } = match prepared {
        Some(prepared) => prepared,
        None => prepare(start, None, &Stage::own(start.layers))?,
    };
    // Kernel file systems are made while the node's are still in sight: a user namespace may only mount what it could see.
    let processes = kernel_file_system("proc", MountAttrFlags::empty())?;
    let hardware = match start.spec.network {
        // sysfs shows the devices of a network namespace and belongs to its owner: here, the node.
        Network::Host => None,
        Network::None | Network::Egress => Some(kernel_file_system(
            "sysfs",
            MountAttrFlags::MOUNT_ATTR_RDONLY,
        )?),
    };
    let devices = devices::collect()?;
    enter(root)?;
    // The tool chain first, so that directories below it can be made.
    for (target, mount) in others {
        attach(&mount, &target)?;
    }
    attach_at(&processes, "/proc")?;
    if let Some(hardware) = hardware {
        attach_at(&hardware, "/sys")?;
        groups::show(&start.cgroups)?;
    }
    devices::set_up(devices, start)?;
    set_names(start)?;
    set_up_network(start)?;
    masks::apply()
}

/// Makes `root` the root directory and forgets the old one.
fn enter(root: OwnedFd) -> Result<(), Trouble> {
    let pivot = || {
        move_mount(&root, "", CWD, "/", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
        rustix::process::fchdir(&root)?;
        // The old root ends up on top of the new one and is taken off.
        rustix::process::pivot_root(".", ".")?;
        rustix::mount::unmount(".", UnmountFlags::DETACH)?;
        rustix::process::chdir("/")
    };
    pivot().map_err(|e: Errno| Trouble::new("cannot enter the root file system", e))
}

pub(super) fn kernel_file_system(
    kind: &str,
    attributes: MountAttrFlags,
) -> Result<OwnedFd, Trouble> {
    let make = || {
        let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(&context, "source", kind)?;
        fsconfig_create(&context)?;
        let safe = MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV
            | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, safe | attributes)
    };
    make().map_err(|e: Errno| {
        Trouble::new(format!("cannot mount {kind}"), e).hint(
            "inside another container, /proc and /sys have to be fully visible (for docker: --security-opt systempaths=unconfined)",
        )
    })
}

/// Attaches a kernel file system at a directory of the root, which may not be a link: an image could point it elsewhere.
fn attach_at(mount: &OwnedFd, path: &str) -> Result<(), Trouble> {
    make_directory(Path::new(path))?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let attach = || {
        let target = rustix::fs::open(path, flags, Mode::empty())?;
        let both =
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
        move_mount(mount, "", &target, "", both)
    };
    attach().map_err(|e: Errno| Trouble::new("cannot attach a kernel file system", e).at(path))
}

/// Attaches a prepared mount, making its target if it is missing. Links lead nowhere but into the instance's own root.
fn attach(mount: &OwnedFd, target: &MountTarget) -> Result<(), Trouble> {
    if target.directory {
        make_directory(&target.path)?;
    } else {
        make_file(&target.path)?;
    }
    move_mount(
        mount,
        "",
        CWD,
        &target.path,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
    .map_err(|e| Trouble::new("cannot attach a mount", e).at(&target.path))
}

fn make_directory(path: &Path) -> Result<(), Trouble> {
    std::fs::create_dir_all(path).map_err(|e| Trouble::new("cannot make a mount point", e).at(path))
}

fn make_file(path: &Path) -> Result<(), Trouble> {
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    match std::fs::File::create_new(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Trouble::new("cannot make a mount point", error).at(path))
        }
        _ => Ok(()),
    }
}

/// Host name, and the files that tell it and who can translate names.
fn set_names(start: &Start) -> Result<(), Trouble> {
    let name = &start.spec.hostname;
    rustix::system::sethostname(name.as_bytes())
        .map_err(|e| Trouble::new("cannot set the host name", e))?;
    let hosts = format!(
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t{name}\n"
    );
    replace("/etc/hosts", &hosts)?;
    replace("/etc/hostname", &format!("{name}\n"))?;
    if let (RootFs::Layers(_), Some(resolver)) = (&start.spec.rootfs, &start.resolver) {
        replace("/etc/resolv.conf", resolver)?;
    }
    Ok(())
}

/// Writes a new file in place of whatever is there, a link in an image above all.
fn replace(path: &str, text: &str) -> Result<(), Trouble> {
    let write = || {
        std::fs::create_dir_all("/etc")?;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::fs::File::create_new(path)?.write_all(text.as_bytes())
    };
    write()
        .map_err(|e: std::io::Error| Trouble::new("cannot write a configuration file", e).at(path))
}

fn set_up_network(start: &Start) -> Result<(), Trouble> {
    if start.spec.network == Network::Host {
        return Ok(());
    }
    super::sys::bring_up_loopback()
        .map_err(|e| Trouble::new("cannot switch on the loopback interface", e))?;
    // As in docker: ports below 1024 and ping for everybody, since it is everybody's own network.
    for (setting, value) in [
        ("ip_unprivileged_port_start", "0"),
        ("ping_group_range", "0 65535"),
    ] {
        // A convenience; the kernel may be built without it.
        let _ = std::fs::write(format!("/proc/sys/net/ipv4/{setting}"), value);
    }
    Ok(())
}

/// Makes a bind mount of `source` (a handle) at `target`.
fn bind(source: &OwnedFd, target: &str) -> Result<(), Errno> {
    move_mount(
        source.as_fd(),
        "",
        CWD,
        target,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
}
