//! The program that gives an instance its way out.
//!
//! It is a child of the shim that stays where the shim was before it joined the instance: with the sockets of the node, and out
//! of the instance's sight. It ends with the shim, however that ends. The kernel alone cannot see to it: a security module that
//! confines the program (`AppArmor` on Debian) takes the signal at its parent's death from it. So a watchman does.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, getpid, getppid, pidfd_open, pidfd_send_signal,
};

use crate::sandbox::cgroup::CgroupPlan;
use crate::sandbox::protocol::WayOut;
use crate::sandbox::sys::{self, Fork, Interface};
use crate::sandbox::trouble::Trouble;

/// The running program.
#[derive(Debug)]
pub(super) struct Outlet {
    process: i32,
    /// Closed by the end of this process, which the watchman waits for.
    _alive: OwnedFd,
}

impl Outlet {
    /// Starts it for the instance whose first process `process` (its directory in `/proc`) is. It complains to `errors`.
    pub(super) fn open(
        way_out: &WayOut,
        process: &Path,
        errors: Option<BorrowedFd<'_>>,
    ) -> Result<Self, Trouble> {
        let open = |path: &Path| {
            File::open(path)
                .map(OwnedFd::from)
                .map_err(|e| Trouble::new("cannot open a namespace", e).at(path))
        };
        let users = open(&process.join("ns/user"))?;
        let network = open(&process.join("ns/net"))?;
        let cannot = |e: std::io::Error| Trouble::new("cannot start the way out", e);
        let (ready, go) = pipe_with(PipeFlags::CLOEXEC).map_err(|e| cannot(e.into()))?;
        let shim = getpid();
        match sys::fork().map_err(cannot)? {
            Fork::Child => {
                drop(go);
                let errors = errors.unwrap_or_else(|| users.as_fd());
                let streams = [users.as_fd(), network.as_fd(), errors];
                become_program(way_out, shim, &ready, streams);
                sys::exit_now(127)
            }
            Fork::Parent(process) => {
                let alive = watch(process)
                    .inspect_err(|_| end(process))
                    .map_err(cannot)?;
                let outlet = Self {
                    process,
                    _alive: alive,
                };
                rustix::io::write(&go, b"!").map_err(|e| cannot(e.into()))?;
                Ok(outlet)
            }
        }
    }

    /// What it takes counts as the instance's.
    pub(super) fn charge(&self, cgroups: &CgroupPlan) -> Result<(), Trouble> {
        cgroups
            .attach(self.process)
            .map_err(|e| Trouble::new("cannot limit the way out", e))
    }

    /// Whether it is the process of that number.
    pub(super) fn is(&self, pid: i32) -> bool {
        self.process == pid
    }

    /// It ended and was reaped: its number may be another's by now.
    pub(super) fn reaped(mut self) {
        self.process = 0;
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        end(self.process);
    }
}

/// Ends a child that was not reaped yet, if it is one.
fn end(child: i32) {
    if let Some(pid) = Pid::from_raw(child) {
        let _ = sys::send_signal(child, libc::SIGKILL);
        // It is our child; nothing else can fail.
        let _ = rustix::process::waitpid(Some(pid), WaitOptions::empty());
    }
}

/// Forks a watchman, who ends `child` when what is answered here is closed: by this process's end at the latest.
fn watch(child: i32) -> std::io::Result<OwnedFd> {
    let child = Pid::from_raw(child).ok_or(std::io::ErrorKind::NotFound)?;
    let child = pidfd_open(child, PidfdFlags::empty())?;
    let (closed, alive) = pipe_with(PipeFlags::CLOEXEC)?;
    match sys::fork()? {
        Fork::Parent(_) => Ok(alive),
        Fork::Child => {
            sys::process_name(c"gitpod-watchman");
            drop(alive);
            // Nothing else of the shim's may stay open here: others wait for its end, too.
            let kept = [closed.as_fd(), child.as_fd(), closed.as_fd()];
            if sys::replace_standard_streams(kept).is_ok() {
                sys::close_from(3, None);
                // It is only ever closed.
                let _ = rustix::io::read(rustix::stdio::stdin(), &mut [0; 1]);
                let _ = pidfd_send_signal(rustix::stdio::stdout(), Signal::KILL);
            }
            sys::exit_now(0)
        }
    }
}

/// Replaces this process by the program, once the shim lets it. Returns only on failure, which shows as its end.
fn become_program(way_out: &WayOut, shim: Pid, ready: &OwnedFd, streams: [BorrowedFd<'_>; 3]) {
    let text = |text: &String| std::ffi::CString::new(text.as_str());
    let Ok(argv) = way_out.argv.iter().map(text).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let Some(program) = argv.first() else {
        return;
    };
    // The shim may be gone before it is bound to it; and without a watchman the program is not to run.
    let bound = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    if bound.is_err() || getppid() != Some(shim) || rustix::io::read(ready, &mut [0; 1]) != Ok(1) {
        return;
    }
    sys::default_signals();
    if sys::replace_standard_streams(streams).is_ok() {
        sys::close_from(3, None);
        sys::execute(program, &argv, &[]);
    }
}

/// Makes the networks unreachable that the way out may not lead to. Call it inside, before anybody runs there.
pub(super) fn close_off(way_out: &WayOut) -> Result<(), Trouble> {
    let close = || {
        let routes = Interface::new("lo")?;
        for (network, prefix) in &way_out.closed {
            match routes.close_off(*network, *prefix) {
                // Named twice.
                Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {}
                other => other?,
            }
        }
        Ok(())
    };
    close().map_err(|e: std::io::Error| Trouble::new("cannot close off a network", e))
}
