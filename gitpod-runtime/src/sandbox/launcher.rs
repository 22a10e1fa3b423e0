//! The launcher: a small single-threaded process from which shims are forked.
//!
//! A server has many threads and much memory; forking it is slow, and a forked child of a threaded process may do next to
//! nothing. So the server starts its own executable once more, early, and asks that process for every further one.

use std::os::fd::{AsFd, IntoRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use super::channel::Channel;
use super::protocol::{Hello, NewShim, VERSION};
use super::seccomp;
use super::shim;
use super::sys::{self, Fork};
use super::trial;

/// The name under which an executable is the launcher.
pub(super) const NAME: &str = "gitpod-sandbox-launcher";

static HOOKED: AtomicBool = AtomicBool::new(false);

/// Becomes the sandbox's launcher if this process was started as that; otherwise returns at once.
///
/// Programs that use [`SandboxRuntime`](super::SandboxRuntime) call this first in `main`, before they start threads: the
/// sandbox starts the program's own executable again under another name. Without the call the runtime refuses to open.
pub fn reexec() {
    HOOKED.store(true, Ordering::Release);
    match std::env::args_os().next() {
        Some(name) if name == NAME => run(),
        Some(name) if name == trial::NAME => trial::run(),
        _ => {}
    }
}

/// Whether this process would recognise itself as the launcher.
pub(super) fn is_hooked() -> bool {
    HOOKED.load(Ordering::Acquire)
}

fn run() -> ! {
    let Ok(server) = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3) else {
        sys::exit_now(2)
    };
    let server = keep_only(server);
    sys::process_name(c"gitpod-launcher");
    // The kernel reaps shims.
    sys::ignore_children(true);
    let filter = seccomp::compile(&seccomp::profile());
    if server.send(&Hello { version: VERSION }, &[]).is_err() {
        sys::exit_now(2);
    }
    // Ends with the server; instances do not.
    while let Ok(Some((NewShim, mut fds))) = server.receive::<NewShim>() {
        let Some(channel) = fds.pop() else {
            continue;
        };
        if let Ok(Fork::Child) = sys::fork() {
            drop(server);
            sys::ignore_children(false);
            shim::run(Channel::from_fd(channel), &filter)
        }
        // A failed fork shows as the end of the channel.
    }
    sys::exit_now(0)
}

/// Closes everything that leaked from the program that started this one, and gives up its terminal.
fn keep_only(server: OwnedFd) -> Channel {
    sys::start_session();
    if let Ok(null) = std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/null")
    {
        // On failure the streams stay what the server made them: nothing.
        let _ = sys::replace_standard_streams([null.as_fd(), null.as_fd(), null.as_fd()]);
        // Closed below.
        let _ = null.into_raw_fd();
    }
    sys::close_from(3, Some(server.as_fd()));
    Channel::from_fd(server)
}
