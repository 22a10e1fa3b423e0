use std::io;

use gitpod_core::instance::RunAs;

use super::check;

/// File system accesses of this thread count as another user's while this lives; its capabilities stay.
///
/// overlayfs makes its working directory as the file system user of whoever mounts it, and that user has to be mapped on an
/// id-mapped upper layer; otherwise the overlay silently becomes read-only.
#[derive(Debug)]
pub(in crate::sandbox) struct FileSystemIdentity(());

impl FileSystemIdentity {
    /// Acts as user and group `id` of the node.
    pub(in crate::sandbox) fn assume(id: u32) -> io::Result<Self> {
        use rustix::thread::{
            CapabilitiesSecureBits, capabilities_secure_bits, set_capabilities_secure_bits,
        };
        let bits = capabilities_secure_bits()? | CapabilitiesSecureBits::NO_SETUID_FIXUP;
        set_capabilities_secure_bits(bits)?;
        set_file_system_ids(id);
        Ok(Self(()))
    }
}

impl Drop for FileSystemIdentity {
    fn drop(&mut self) {
        set_file_system_ids(0);
        let bits = rustix::thread::CapabilitiesSecureBits::empty();
        // The bit only changes what happens at changes of identity; it is set again before the next one.
        let _ = rustix::thread::set_capabilities_secure_bits(bits);
    }
}

#[expect(unsafe_code, reason = "setfsuid has no safe wrapper")]
fn set_file_system_ids(id: u32) {
    // SAFETY: take integers only and change this thread's credentials.
    unsafe {
        libc::setfsgid(id);
        libc::setfsuid(id);
    }
}

/// Becomes a user of the current user namespace, without further groups.
#[expect(
    unsafe_code,
    reason = "identity calls that must not go through glibc's thread machinery"
)]
pub(in crate::sandbox) fn become_user(user: RunAs) -> io::Result<()> {
    // SAFETY: take integers only (the group list is empty); single-threaded, so the raw calls change the whole process.
    unsafe {
        check(libc::syscall(
            libc::SYS_setgroups,
            0,
            std::ptr::null::<u32>(),
        ))?;
        check(libc::syscall(
            libc::SYS_setresgid,
            user.gid,
            user.gid,
            user.gid,
        ))?;
        check(libc::syscall(
            libc::SYS_setresuid,
            user.uid,
            user.uid,
            user.uid,
        ))?;
    }
    Ok(())
}

/// Bounds what this process and its descendants can ever gain to `keep`. What it has now stays.
#[expect(unsafe_code, reason = "prctl by bit number")]
pub(in crate::sandbox) fn bound_capabilities(keep: u64) {
    for number in 0..64 {
        if keep & (1 << number) == 0 {
            // SAFETY: takes integers only. Numbers the kernel does not know are refused with EINVAL, which ends nothing.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, number, 0, 0, 0) };
        }
    }
    // SAFETY: takes integers only.
    unsafe {
        libc::prctl(
            libc::PR_CAP_AMBIENT,
            libc::PR_CAP_AMBIENT_CLEAR_ALL,
            0,
            0,
            0,
        );
    }
}

/// Sets the effective and permitted capabilities to those of `keep`, and the inheritable ones to none.
#[expect(unsafe_code, reason = "capset by bit number")]
pub(in crate::sandbox) fn set_capabilities(keep: u64) -> io::Result<()> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    #[repr(C)]
    struct Data {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    let half = |bits: u64| {
        let bits = u32::try_from(bits & u64::from(u32::MAX)).unwrap_or_default();
        Data {
            effective: bits,
            permitted: bits,
            inheritable: 0,
        }
    };
    let header = Header {
        version: 0x2008_0522,
        pid: 0,
    };
    let data = [half(keep), half(keep >> 32)];
    // SAFETY: header and data have the layout of version 3 and live across the call.
    check(unsafe { libc::syscall(libc::SYS_capset, std::ptr::from_ref(&header), data.as_ptr()) })
        .map(drop)
}

/// Makes `user` the owner of an open file, by the ids of the current user namespace. Group `tty` (5), as is usual.
pub(in crate::sandbox) fn give_to(
    file: std::os::fd::BorrowedFd<'_>,
    user: RunAs,
) -> io::Result<()> {
    use rustix::fs::{Gid, Uid};
    let owner = Some(Uid::from_raw(user.uid));
    Ok(rustix::fs::fchown(file, owner, Some(Gid::from_raw(5)))?)
}
