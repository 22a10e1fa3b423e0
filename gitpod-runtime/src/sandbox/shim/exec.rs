//! Runs a further command in the instance.

use std::os::fd::{AsFd, OwnedFd};

use gitpod_core::instance::RunAs;
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;

use super::create::Instance;
use crate::sandbox::channel::Channel;
use crate::sandbox::confine::Filter;
use crate::sandbox::program::{Program, run_confined};
use crate::sandbox::protocol::{Exec, Progress};
use crate::sandbox::sys::{self, Fork};
use crate::sandbox::trouble::Trouble;

/// A command that was started for a client.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: i32,
    /// Tells of its start; `None` when that is known.
    pub(super) progress: Option<Channel>,
    /// Kills for memory before it began.
    pub(super) memory_kills: u64,
}

/// Forks a process that becomes the command.
pub(super) fn spawn(
    instance: &Instance,
    exec: &Exec,
    streams: Vec<OwnedFd>,
    filter: &Filter,
) -> Result<Running, Trouble> {
    let memory_kills = instance.start.cgroups.memory_kills();
    let (progress, inner) =
        Channel::pair().map_err(|e| Trouble::new("cannot make a channel", e))?;
    // Children of the shim are born in the instance's process namespace.
    match sys::fork() {
        Ok(Fork::Parent(pid)) => {
            progress
                .set_nonblocking()
                .map_err(|e| Trouble::new("cannot make a channel", e))?;
            Ok(Running {
                pid,
                progress: Some(progress),
                memory_kills,
            })
        }
        Ok(Fork::Child) => {
            drop(progress);
            let trouble = become_command(instance, exec, streams, filter, &inner);
            // The shim is the parent; without it this process dies with the instance.
            let _ = inner.send(&Progress::Failed(trouble), &[]);
            sys::exit_now(127)
        }
        Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => {
            Err(Trouble::precondition("the instance is ending"))
        }
        Err(error) => Err(Trouble::new("cannot start a process", error)),
    }
}

fn become_command(
    instance: &Instance,
    exec: &Exec,
    streams: Vec<OwnedFd>,
    filter: &Filter,
    progress: &Channel,
) -> Trouble {
    match prepare(instance, exec, streams, progress) {
        Ok(streams) => {
            let program = Program {
                argv: &exec.argv,
                env: &exec.env,
                cwd: &exec.cwd,
            };
            let streams = streams.each_ref().map(AsFd::as_fd);
            run_confined(&program, &instance.start, exec.run_as, filter, streams)
        }
        Err(trouble) => trouble,
    }
}

fn prepare(
    instance: &Instance,
    exec: &Exec,
    streams: Vec<OwnedFd>,
    progress: &Channel,
) -> Result<[OwnedFd; 3], Trouble> {
    sys::start_session();
    // Before anything of the instance can run in this process: its limits count from here on.
    instance
        .start
        .cgroups
        .attach(0)
        .map_err(|e| Trouble::new("cannot enter the control groups", e))?;
    join(instance)?;
    match exec.terminal {
        Some(size) => terminal(instance, exec, size, progress),
        None => <[OwnedFd; 3]>::try_from(streams)
            .map_err(|_| Trouble::unexpected("a command without a terminal needs three streams")),
    }
}

/// Enters the namespaces that the shim itself stays out of.
fn join(instance: &Instance) -> Result<(), Trouble> {
    let cannot = |e: std::io::Error| Trouble::new("cannot join the instance", e);
    if instance.start.ids.is_one() {
        for namespace in &instance.namespaces {
            // Whatever kind it is of.
            sys::join_namespaces(namespace.as_fd(), 0).map_err(cannot)?;
        }
        return Ok(());
    }
    let all = libc::CLONE_NEWUSER
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWCGROUP;
    sys::join_namespaces(instance.init_fd.as_fd(), all).map_err(cannot)?;
    // The node's root has no id in here, and whatever it opens would belong to nobody.
    sys::become_user(RunAs::ROOT).map_err(|e| Trouble::new("cannot become root inside", e))
}

/// Opens a terminal of the instance, owned by the command's user, and hands the other side out.
fn terminal(
    instance: &Instance,
    exec: &Exec,
    (cols, rows): (u16, u16),
    progress: &Channel,
) -> Result<[OwnedFd; 3], Trouble> {
    let cannot = |e: rustix::io::Errno| Trouble::new("cannot open a terminal", e);
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let outer = rustix::fs::open("/dev/pts/ptmx", flags, Mode::empty()).map_err(cannot)?;
    rustix::pty::unlockpt(&outer).map_err(cannot)?;
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let inner = rustix::pty::ioctl_tiocgptpeer(&outer, flags).map_err(cannot)?;
    let size = Winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(&inner, size).map_err(cannot)?;
    if !instance.start.ids.is_one() {
        sys::give_to(inner.as_fd(), exec.run_as)
            .map_err(|e| Trouble::new("cannot hand over the terminal", e))?;
    }
    sys::make_controlling_terminal(inner.as_fd())
        .map_err(|e| Trouble::new("cannot take the terminal", e))?;
    progress
        .send(&Progress::Terminal, &[outer.as_fd()])
        .map_err(|e| Trouble::new("cannot hand out the terminal", e))?;
    let copy = || {
        inner
            .try_clone()
            .map_err(|e| Trouble::new("cannot copy the terminal", e))
    };
    Ok([copy()?, copy()?, inner])
}
