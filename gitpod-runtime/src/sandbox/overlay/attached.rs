//! Overlays for kernels that look layers up by path, and only below the caller's own mount namespace.
//!
//! Every layer is attached to a small table: a memory file system that covers `/` for the moment. The overlay is mounted on
//! that table, too, and a view of it, attached nowhere, is all that stays: overlayfs keeps private copies of its layers.

use std::ffi::CString;
use std::fmt::Write as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use gitpod_core::instance::RunAs;
use rustix::fs::{CWD, Mode};
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, move_mount, open_tree, unmount,
};

use super::{Made, Overlay, memory_file_system};
use crate::sandbox::sys::FileSystemIdentity;
use crate::sandbox::trouble::Trouble;

/// What the kernel reads of mount options; it cuts off the rest in silence.
const MOST_OPTIONS: usize = 4096;

/// Makes `overlay`. The caller has a mount namespace in which nobody else lives; its working directory changes.
pub(super) fn make(overlay: &Overlay) -> Result<Made, Trouble> {
    // Entries are mount points, links and nothing else.
    let owner = if overlay.as_user {
        RunAs::GITPOD.uid
    } else {
        0
    };
    let table = memory_file_system(1 << 20, 0o755, owner)?;
    let cannot = |e: Errno| Trouble::new("cannot set up the layers of an overlay", e);
    attach(table.as_fd(), CWD, "/").map_err(cannot)?;
    rustix::process::fchdir(&table).map_err(cannot)?;
    let made = lay_out(overlay)
        .map_err(cannot)
        .and_then(|options| mount_on_table(overlay, &options));
    // Off again, with everything on it.
    unmount(".", UnmountFlags::DETACH).map_err(cannot)?;
    made
}

/// Attaches the layers to the table, which is the working directory. The mount options are the answer.
///
/// Layers are called by number and the upper's directories are links, so that the options are short and no path in them needs
/// an escape.
fn lay_out(overlay: &Overlay) -> Result<String, Errno> {
    let mut options = String::from("lowerdir=");
    for (number, lower) in overlay.lowers.iter().enumerate() {
        let name = number.to_string();
        place(lower.as_fd(), &name)?;
        let separator = if number > 0 { ":" } else { "" };
        // Writing to a string does not fail.
        let _ = write!(options, "{separator}{name}");
    }
    place(overlay.upper.file_system.as_fd(), "upper")?;
    for (link, directory) in [
        ("files", &overlay.upper.files),
        ("work", &overlay.upper.work),
    ] {
        rustix::fs::symlink(Path::new("upper").join(directory), link)?;
    }
    options.push_str(",upperdir=files,workdir=work");
    for (key, value) in overlay.options() {
        let _ = match value {
            Some(value) => write!(options, ",{key}={value}"),
            None => write!(options, ",{key}"),
        };
    }
    Ok(options)
}

fn place(layer: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    rustix::fs::mkdir(name, Mode::from_raw_mode(0o755))?;
    attach(layer, CWD, name)
}

fn attach(mount: BorrowedFd<'_>, directory: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    move_mount(mount, "", directory, name, flags)
}

fn mount_on_table(overlay: &Overlay, options: &str) -> Result<Made, Trouble> {
    if options.len() >= MOST_OPTIONS {
        return Err(Trouble::precondition(
            "too many layers for the overlays of this kernel",
        ));
    }
    let options = CString::new(options)
        .map_err(|_| Trouble::unexpected("mount options contain a NUL byte"))?;
    let identity = overlay
        .identity
        .map(FileSystemIdentity::assume)
        .transpose()
        .map_err(|e| Trouble::new("cannot act as the instance's user", e))?;
    let make = || {
        rustix::fs::mkdir("overlay", Mode::from_raw_mode(0o755))?;
        let flags = MountFlags::NODEV;
        mount(super::SOURCE, "overlay", "overlay", flags, &*options)
    };
    let result = make();
    drop(identity);
    result
        .and_then(|()| {
            Ok(Made {
                overlay: view("overlay")?,
                // What was attached once cannot be again.
                upper: view("upper")?,
            })
        })
        .map_err(|e| {
            Trouble::new("cannot make an overlay of attached layers", e)
            .at(&overlay.upper.files)
            .hint(
                "the kernel's log (dmesg) tells why; `gitpod-server doctor` shows what is missing",
            )
        })
}

/// What is attached at `name`, once more and attached nowhere.
fn view(name: &str) -> Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    open_tree(CWD, name, flags)
}
