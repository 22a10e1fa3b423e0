//! The program that gives an instance its way out.
//!
//! It is a child of the shim that stays where the shim was before it joined the instance: with the sockets of the node, and out
//! of the instance's sight. It ends with the shim, however that ends.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::process::{Pid, Signal, WaitOptions, getpid, getppid};

use crate::sandbox::cgroup::CgroupPlan;
use crate::sandbox::protocol::WayOut;
use crate::sandbox::sys::{self, Fork, Interface};
use crate::sandbox::trouble::Trouble;

/// The running program.
#[derive(Debug)]
pub(super) struct Outlet(i32);

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
        let shim = getpid();
        match sys::fork() {
            Ok(Fork::Parent(pid)) => Ok(Self(pid)),
            Ok(Fork::Child) => {
                let errors = errors.unwrap_or_else(|| users.as_fd());
                become_program(way_out, shim, [users.as_fd(), network.as_fd(), errors]);
                sys::exit_now(127)
            }
            Err(error) => Err(Trouble::new("cannot start the way out", error)),
        }
    }

    /// What it takes counts as the instance's.
    pub(super) fn charge(&self, cgroups: &CgroupPlan) -> Result<(), Trouble> {
        cgroups
            .attach(self.0)
            .map_err(|e| Trouble::new("cannot limit the way out", e))
    }

    /// Whether it is the process of that number.
    pub(super) fn is(&self, pid: i32) -> bool {
        self.0 == pid
    }

    /// It ended and was reaped: its number may be another's by now.
    pub(super) fn reaped(self) {
        std::mem::forget(self);
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let _ = sys::send_signal(self.0, libc::SIGKILL);
        if let Some(pid) = Pid::from_raw(self.0) {
            // It is our child; nothing else can fail.
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::empty());
        }
    }
}

/// Replaces this process by the program. Returns only on failure, which shows as its end.
fn become_program(way_out: &WayOut, shim: Pid, streams: [BorrowedFd<'_>; 3]) {
    let text = |text: &String| std::ffi::CString::new(text.as_str());
    let Ok(argv) = way_out.argv.iter().map(text).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let Some(program) = argv.first() else {
        return;
    };
    // The shim may be gone before it is bound to it.
    let bound = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    if bound.is_err() || getppid() != Some(shim) {
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
