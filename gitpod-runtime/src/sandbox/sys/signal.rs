use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

use gitpod_core::instance::Exit;

use super::check;

/// Reports `SIGCHLD` as a readable descriptor.
#[derive(Debug)]
pub(in crate::sandbox) struct SignalReader(OwnedFd);

impl SignalReader {
    /// Blocks `SIGCHLD` and reads it from now on.
    #[expect(unsafe_code, reason = "signalfd has no wrapper")]
    pub(in crate::sandbox) fn children() -> io::Result<Self> {
        let mut set = MaybeUninit::uninit();
        // SAFETY: sigemptyset initialises the set before it is used; all pointers are to it.
        let fd = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGCHLD);
            libc::sigprocmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
            libc::signalfd(-1, set.as_ptr(), libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
        };
        check(i64::from(fd))?;
        // SAFETY: signalfd just made it and nobody else knows it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Takes what is there.
    pub(in crate::sandbox) fn drain(&self) {
        let mut buffer = [0_u8; 1024];
        while rustix::io::read(&self.0, &mut buffer).is_ok_and(|n| n > 0) {}
    }
}

impl AsFd for SignalReader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Blocks every signal.
#[expect(unsafe_code, reason = "signal masks have no safe wrapper")]
pub(in crate::sandbox) fn block_all_signals() {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigfillset initialises the set before it is used.
    unsafe {
        libc::sigfillset(set.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, set.as_ptr(), std::ptr::null_mut());
    }
}

/// Default action for every signal, none blocked: what a new program expects.
#[expect(unsafe_code, reason = "signal masks have no safe wrapper")]
pub(in crate::sandbox) fn default_signals() {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL runs no code of ours; numbers that cannot be set fail harmlessly.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set before it is used.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, set.as_ptr(), std::ptr::null_mut());
    }
}

/// Waits for a blocked signal, at most `limit`.
#[expect(unsafe_code, reason = "sigtimedwait has no safe wrapper")]
pub(in crate::sandbox) fn next_signal(limit: Duration) -> Option<i32> {
    let mut set = MaybeUninit::uninit();
    let limit = libc::timespec {
        tv_sec: libc::time_t::try_from(limit.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: i64::from(limit.subsec_nanos()),
    };
    // SAFETY: sigfillset initialises the set; no information block is asked for; the time lives across the call.
    let signal = unsafe {
        libc::sigfillset(set.as_mut_ptr());
        libc::sigtimedwait(set.as_ptr(), std::ptr::null_mut(), &raw const limit)
    };
    (signal > 0).then_some(signal)
}

/// Sends a signal to a process, or to a group when `target` is negative. Whether it was there to get it.
#[expect(unsafe_code, reason = "rustix cannot name real-time signals")]
pub(in crate::sandbox) fn send_signal(target: i32, signal: i32) -> bool {
    // SAFETY: takes integers only. Callers pass children they have not reaped, so the number cannot be another's.
    unsafe { libc::kill(target, signal) == 0 }
}

/// Reaps one ended child: its process id and how it ended. `None` when none has ended.
#[expect(
    unsafe_code,
    reason = "rustix cannot wait for cloned children by raw status"
)]
pub(in crate::sandbox) fn wait_any() -> Option<(i32, Exit)> {
    let mut status = 0;
    // SAFETY: the status word lives across the call.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
    if pid <= 0 {
        return None;
    }
    let mut exit = Exit::default();
    if libc::WIFSIGNALED(status) {
        exit.signal = Some(libc::WTERMSIG(status));
    } else {
        exit.code = Some(libc::WEXITSTATUS(status));
    }
    Some((pid, exit))
}

/// Has the kernel reap ended children unasked, or keep them until they are waited for.
#[expect(unsafe_code, reason = "signal dispositions have no safe wrapper")]
pub(in crate::sandbox) fn ignore_children(ignore: bool) {
    let disposition = if ignore { libc::SIG_IGN } else { libc::SIG_DFL };
    // SAFETY: neither disposition runs code of ours.
    unsafe { libc::signal(libc::SIGCHLD, disposition) };
}
