//! An instance's first process: completes its construction, starts its command, reaps.
//!
//! It stays the process it was forked as (no program of its own is executed), so it is made unreachable: it is not dumpable,
//! which closes its memory, descriptors and executable to everybody inside, root included.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use gitpod_core::instance::{Exit, RunAs};
use rustix::process::{DumpableBehavior, Signal, set_dumpable_behavior};

use super::assemble::assemble;
use super::channel::Channel;
use super::confine::{Filter, become_reaper};
use super::mounts::Prepared;
use super::program::{Program, run_confined};
use super::protocol::{Proceed, Progress, Start};
use super::sys::{self, Fork};
use super::trouble::Trouble;

/// Signals that somebody who signals an instance means for its command.
const PASSED_ON: [i32; 7] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGWINCH,
];

/// What the process inherits from its shim.
#[derive(Debug)]
pub(super) struct Inheritance<'a> {
    pub(super) start: &'a Start,
    pub(super) filter: &'a Filter,
    pub(super) streams: [OwnedFd; 3],
    /// Tells the shim of failures; its closing tells it of success.
    pub(super) progress: Channel,
    /// Tells the shim how the command ended.
    pub(super) verdict: Channel,
}

/// Does all this process ever does.
pub(super) fn run(inheritance: Inheritance<'_>) -> ! {
    sys::block_all_signals();
    sys::process_name(c"gitpod-init");
    let outcome = construct(&inheritance)
        .and_then(|()| sys::fork().map_err(|e| Trouble::new("cannot start the command", e)));
    match outcome {
        Ok(Fork::Child) => {
            let trouble = run_command(&inheritance);
            report(&inheritance.progress, trouble);
            sys::exit_now(127)
        }
        Ok(Fork::Parent(command)) => reap(&inheritance, command),
        Err(trouble) => {
            report(&inheritance.progress, trouble);
            sys::exit_now(126)
        }
    }
}

fn construct(inheritance: &Inheritance<'_>) -> Result<(), Trouble> {
    let lost = || Trouble::unexpected("the shim went away while the instance was made");
    let (proceed, mut mounts) = inheritance
        .progress
        .receive::<Proceed>()
        .map_err(|e| Trouble::new("cannot hear the shim", e))?
        .ok_or_else(lost)?;
    let one_user = inheritance.start.ids.is_one();
    if !one_user {
        sys::become_user(RunAs::ROOT)
            .map_err(|e| Trouble::new("cannot become root of the user namespace", e))?;
    }
    // The instance does not outlive its shim: nobody could manage it.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|e| Trouble::new("cannot bind the instance to its shim", e))?;
    sys::enter_own_cgroup_namespace()
        .map_err(|e| Trouble::new("cannot make a cgroup namespace", e))?;
    let prepared = if one_user {
        hand_out_namespaces(&inheritance.progress)?;
        None
    } else if mounts.len() == proceed.targets.len() + 1 {
        let root = mounts.remove(0);
        let others = proceed.targets.into_iter().zip(mounts).collect();
        Some(Prepared { root, others })
    } else {
        return Err(Trouble::unexpected("mounts and targets do not match"));
    };
    assemble(inheritance.start, prepared)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|e| Trouble::new("cannot hide the first process", e))
}

/// Once this process is hidden, a shim without privileges could not look up its namespaces any more.
fn hand_out_namespaces(progress: &Channel) -> Result<(), Trouble> {
    let cannot = |e: std::io::Error| Trouble::new("cannot hand out the namespaces", e);
    let mut namespaces = Vec::new();
    for name in ["cgroup", "ipc", "uts", "mnt"] {
        let namespace = std::fs::File::open(format!("/proc/self/ns/{name}")).map_err(cannot)?;
        namespaces.push(namespace);
    }
    let fds: Vec<_> = namespaces.iter().map(AsFd::as_fd).collect();
    progress.send(&Progress::Namespaces, &fds).map_err(cannot)
}

fn run_command(inheritance: &Inheritance<'_>) -> Trouble {
    let spec = &inheritance.start.spec;
    sys::start_session();
    let program = Program {
        argv: &spec.command,
        env: &spec.env,
        cwd: &spec.cwd,
    };
    run_confined(
        &program,
        inheritance.start,
        spec.run_as,
        inheritance.filter,
        inheritance.streams.each_ref().map(AsFd::as_fd),
    )
}

fn report(progress: &Channel, trouble: Trouble) {
    // A shim that does not listen any more is dead, and this process is about to be.
    let _ = progress.send(&Progress::Failed(trouble), &[]);
}

/// Reaps everything, passes signals on to the command, and ends with it.
fn reap(inheritance: &Inheritance<'_>, command: i32) -> ! {
    if quiet_down(inheritance).is_err() {
        sys::exit_now(126);
    }
    loop {
        while let Some((pid, exit)) = sys::wait_any() {
            if pid == command {
                end(&inheritance.verdict, &exit);
            }
        }
        match sys::next_signal(Duration::from_hours(1)) {
            Some(signal) if PASSED_ON.contains(&signal) => {
                // The command has not been reaped, so the number is its own.
                let _ = sys::send_signal(command, signal);
            }
            // A child ended, nothing happened for long, or a signal that means this process and not its command.
            _ => {}
        }
    }
}

/// Lets go of everything but the verdict's channel, which becomes descriptor 3.
fn quiet_down(inheritance: &Inheritance<'_>) -> Result<(), Trouble> {
    let cannot = |e: std::io::Error| Trouble::new("cannot let go of descriptors", e);
    let null = std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/null")
        .map_err(cannot)?;
    sys::replace_standard_streams([null.as_fd(), null.as_fd(), null.as_fd()]).map_err(cannot)?;
    sys::close_from(3, Some(inheritance.verdict.as_fd()));
    // Closed with the others already.
    std::mem::forget(null);
    become_reaper(inheritance.filter)
}

fn end(verdict: &Channel, exit: &Exit) -> ! {
    // Without a listener there is nobody to tell.
    let _ = verdict.send(exit, &[]);
    sys::exit_now(0)
}
