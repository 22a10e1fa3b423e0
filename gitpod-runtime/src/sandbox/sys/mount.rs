use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::check;

/// What to change about a mount.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::sandbox) struct MountAttributes<'fd> {
    /// `MOUNT_ATTR_…` to set.
    pub(in crate::sandbox) set: u64,
    /// Map its ids through this user namespace.
    pub(in crate::sandbox) id_map: Option<BorrowedFd<'fd>>,
    /// The mounts below it too.
    pub(in crate::sandbox) recursive: bool,
}

#[repr(C)]
struct Attributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

/// Changes a mount (attached or not).
#[expect(unsafe_code, reason = "mount_setattr has no wrapper")]
pub(in crate::sandbox) fn set_mount_attributes(
    mount: BorrowedFd<'_>,
    attributes: MountAttributes<'_>,
) -> io::Result<()> {
    let mut set = attributes.set;
    let mut user_namespace = 0;
    if let Some(fd) = attributes.id_map {
        set |= libc::MOUNT_ATTR_IDMAP;
        user_namespace = u64::from(fd.as_raw_fd().cast_unsigned());
    }
    let block = Attributes {
        set,
        clear: 0,
        propagation: 0,
        user_namespace,
    };
    let mut flags = libc::AT_EMPTY_PATH;
    if attributes.recursive {
        flags |= libc::AT_RECURSIVE;
    }
    // SAFETY: path and argument block live across the call, the size is that of the block.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            std::ptr::from_ref(&block),
            size_of::<Attributes>(),
        )
    })
    .map(drop)
}
