use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use super::check;

/// Which side of a fork this is.
#[derive(Debug)]
pub(in crate::sandbox) enum Fork {
    /// The parent; the child has this process id.
    Parent(i32),
    /// The child.
    Child,
}

/// Forks. Call it in single-threaded processes only.
#[expect(unsafe_code, reason = "fork has no safe wrapper")]
pub(in crate::sandbox) fn fork() -> io::Result<Fork> {
    // SAFETY: the launcher and its descendants are single-threaded, so no lock is held by another thread in the child.
    match check(i64::from(unsafe { libc::fork() }))? {
        0 => Ok(Fork::Child),
        pid => Ok(Fork::Parent(to_pid(pid))),
    }
}

#[derive(Default)]
#[repr(C)]
struct CloneArguments {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// Forks into new namespaces (`CLONE_NEW…` flags); the parent gets a process file descriptor too.
#[expect(unsafe_code, reason = "clone3 has no wrapper")]
pub(in crate::sandbox) fn clone_into_namespaces(
    namespaces: libc::c_int,
) -> io::Result<(Fork, Option<OwnedFd>)> {
    let mut pidfd: RawFd = -1;
    let arguments = CloneArguments {
        flags: u64::from(namespaces.cast_unsigned() | libc::CLONE_PIDFD.cast_unsigned()),
        pidfd: std::ptr::from_mut(&mut pidfd) as u64,
        exit_signal: u64::from(libc::SIGCHLD.cast_unsigned()),
        ..CloneArguments::default()
    };
    // SAFETY: no new stack and no shared memory are asked for, so this is a fork; the argument block and the word the
    // descriptor goes to live across the call, and the size is that of the block.
    let result = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            std::ptr::from_ref(&arguments),
            size_of::<CloneArguments>(),
        )
    };
    match check(result)? {
        0 => Ok((Fork::Child, None)),
        pid => {
            // SAFETY: the kernel just made this descriptor for us and nobody else knows it.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            Ok((Fork::Parent(to_pid(pid)), Some(pidfd)))
        }
    }
}

/// Enters the given namespaces of the process behind `pidfd`, or the namespace itself that `pidfd` is (0: of whatever kind).
#[expect(unsafe_code, reason = "rustix types do not cover namespace sets")]
pub(in crate::sandbox) fn join_namespaces(
    pidfd: BorrowedFd<'_>,
    namespaces: libc::c_int,
) -> io::Result<()> {
    // SAFETY: takes integers only; the caller has one thread, as joining a user namespace demands.
    check(i64::from(unsafe {
        libc::setns(pidfd.as_raw_fd(), namespaces)
    }))
    .map(drop)
}

/// Replaces this process's program. Returns only on failure.
#[expect(unsafe_code, reason = "execve after fork has no safe wrapper")]
pub(in crate::sandbox) fn execute(path: &CString, argv: &[CString], env: &[CString]) -> io::Error {
    let pointers = |strings: &[CString]| -> Vec<*const libc::c_char> {
        strings
            .iter()
            .map(|s| s.as_ptr())
            .chain([std::ptr::null()])
            .collect()
    };
    let (argv, env) = (pointers(argv), pointers(env));
    // SAFETY: path and both null-terminated arrays of NUL-terminated strings live across the call.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), env.as_ptr()) };
    io::Error::last_os_error()
}

/// Ends this process at once: no destructors, no exit handlers (they belong to the process it was forked from).
#[expect(unsafe_code, reason = "std::process::exit runs exit handlers")]
pub(in crate::sandbox) fn exit_now(code: i32) -> ! {
    // SAFETY: does not return and touches no memory.
    unsafe { libc::_exit(code) }
}

/// Closes every descriptor from `first` on.
#[expect(unsafe_code, reason = "close_range has no safe wrapper")]
pub(in crate::sandbox) fn close_from(first: u32, keep: Option<BorrowedFd<'_>>) {
    let range = |from: u32, to: u32| {
        if from <= to {
            // SAFETY: only called just before a program is replaced or in a process that owns nothing above `first`; no
            // owner of a closed descriptor runs again.
            unsafe { libc::syscall(libc::SYS_close_range, from, to, 0) };
        }
    };
    match keep.map(|fd| fd.as_raw_fd().cast_unsigned()) {
        Some(keep) if keep >= first => {
            if keep > first {
                range(first, keep - 1);
            }
            range(keep + 1, u32::MAX);
        }
        _ => range(first, u32::MAX),
    }
}

/// Makes the given descriptors 0, 1 and 2.
pub(in crate::sandbox) fn replace_standard_streams(streams: [BorrowedFd<'_>; 3]) -> io::Result<()> {
    // First out of the way: a source may be one of the numbers that are about to be replaced.
    let mut safe = Vec::with_capacity(3);
    for stream in streams {
        safe.push(rustix::io::fcntl_dupfd_cloexec(stream, 3)?);
    }
    rustix::stdio::dup2_stdin(&safe[0])?;
    rustix::stdio::dup2_stdout(&safe[1])?;
    rustix::stdio::dup2_stderr(&safe[2])?;
    Ok(())
}

/// Starts a session of its own. Succeeds when it leads one already.
pub(in crate::sandbox) fn start_session() {
    // The only failure is being a leader already.
    let _ = rustix::process::setsid();
}

/// Makes `terminal` the controlling one of this session.
pub(in crate::sandbox) fn make_controlling_terminal(terminal: BorrowedFd<'_>) -> io::Result<()> {
    Ok(rustix::process::ioctl_tiocsctty(terminal)?)
}

/// Names this process, for `ps`.
pub(in crate::sandbox) fn process_name(name: &std::ffi::CStr) {
    // A wrong name is harmless.
    let _ = rustix::thread::set_name(name);
}

/// Installs a system call filter on this process.
#[expect(
    unsafe_code,
    reason = "seccomp has no wrapper that takes a ready program"
)]
pub(in crate::sandbox) fn install_filter(program: &[libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| io::Error::from_raw_os_error(libc::E2BIG))?,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies the program, which lives across the call, and does not write to it.
    check(unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0,
            std::ptr::from_ref(&program),
        )
    })
    .map(drop)
}

fn to_pid(pid: i64) -> i32 {
    i32::try_from(pid).unwrap_or(i32::MAX)
}

/// Makes the current control groups the root of what this process sees of control groups.
#[expect(
    unsafe_code,
    reason = "rustix marks unshare unsafe for flags this does not use"
)]
pub(in crate::sandbox) fn enter_own_cgroup_namespace() -> io::Result<()> {
    // SAFETY: takes an integer; a cgroup namespace changes no memory and no descriptors.
    check(i64::from(unsafe { libc::unshare(libc::CLONE_NEWCGROUP) })).map(drop)
}

/// Gives this thread a mount namespace, working directory and root directory of its own.
#[expect(
    unsafe_code,
    reason = "rustix marks unshare unsafe for flags this does not use"
)]
pub(in crate::sandbox) fn enter_own_mount_namespace() -> io::Result<()> {
    // SAFETY: takes an integer; a mount namespace changes no memory and no descriptors.
    check(i64::from(unsafe { libc::unshare(libc::CLONE_NEWNS) })).map(drop)
}
