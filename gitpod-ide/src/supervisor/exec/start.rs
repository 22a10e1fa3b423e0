use std::io;
use std::process::Stdio;
use std::sync::Arc;

use rustix::process::{Pid, Signal};
use tokio::net::unix::pipe;
use tokio::sync::watch;

use super::io::{ExecIo, Input};
use crate::supervisor::pipes::Output;
use crate::supervisor::process::{Exit, Processes, Program, Stdio3};
use crate::supervisor::pty::{self, Size};

/// What to run.
#[derive(Debug)]
pub(crate) struct ExecOptions {
    pub(crate) program: Program,
    /// A terminal of this size instead of pipes.
    pub(crate) pty: Option<Size>,
}

/// A command that runs. Dropping it ends the command and its process group.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) pid: Pid,
    pub(crate) exit: watch::Receiver<Option<Exit>>,
    processes: Arc<Processes>,
}

impl Running {
    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        self.processes.signal(self.pid, signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing happens to one that ended: its id is not ours any more.
        self.processes.signal(self.pid, Signal::HUP);
        self.processes.signal(self.pid, Signal::KILL);
    }
}

/// Starts a command.
///
/// # Errors
/// As the system says: no such program, no permission, no such directory.
pub(crate) fn start(
    processes: &Arc<Processes>,
    options: ExecOptions,
) -> io::Result<(Running, ExecIo, Input)> {
    let program = options.program;
    let (child, streams, input) = if let Some(size) = options.pty {
        let owner = (program.account.uid, program.account.gid);
        let (master, stdio) = pty::open(size, owner)?;
        let master = Arc::new(master);
        let child = processes.spawn(program.pty_command(stdio))?;
        let input = Input::Terminal(Arc::clone(&master));
        (child, ExecIo::Terminal(master), input)
    } else {
        let command = program.command(Stdio3 {
            stdin: Stdio::piped(),
            stdout: Stdio::piped(),
            stderr: Stdio::piped(),
        });
        let spawned = processes.spawn(command);
        let mut child = spawned.map_err(|error| program.explain(error))?;
        let stdin = child.stdin.take().map(pipe::Sender::from_owned_fd);
        let streams = ExecIo::Pipes {
            stdout: Output::new(child.stdout.take())?,
            stderr: Output::new(child.stderr.take())?,
        };
        (child, streams, Input::Pipe(stdin.transpose()?))
    };
    let running = Running {
        pid: child.pid,
        exit: child.exit,
        processes: Arc::clone(processes),
    };
    Ok((running, streams, input))
}
