//! Further commands in an instance, as the server sees them.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use async_trait::async_trait;
use gitpod_core::instance::Exit;
use gitpod_core::{Error, ErrorKind, InstanceId, Result};
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::net::unix::pipe;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::instances::{Instances, failed};
use super::link::Link;
use super::protocol::{Exec, Reply, Request};
use super::terminal::Terminal;
use crate::{Command, Process, ProcessControl, PtySize};

/// Starts `command` in the instance.
pub(super) async fn exec(
    shared: &Arc<Instances>,
    id: InstanceId,
    command: &Command,
) -> Result<Process> {
    check(command)?;
    let link = shared.reach(id).await?;
    let request = Request::Exec(Box::new(Exec {
        argv: command.argv.clone(),
        env: command.env.clone(),
        cwd: command.cwd.clone(),
        run_as: command.run_as,
        terminal: command.pty.map(|size| (size.cols, size.rows)),
    }));
    if command.pty.is_some() {
        return with_terminal(link, &request).await;
    }
    let pipes = Pipes::new()?;
    expect_start(link.ask(&request, &pipes.inner).await?)?;
    drop(pipes.inner);
    Ok(Process {
        stdin: Some(Box::pin(pipes.stdin)),
        stdout: Some(Box::pin(pipes.stdout)),
        stderr: Some(Box::pin(pipes.stderr)),
        control: Box::new(Control::new(link, None)),
    })
}

async fn with_terminal(link: Link, request: &Request) -> Result<Process> {
    let terminal = match link.ask(request, &[]).await? {
        Some((Reply::Terminal, mut fds)) => fds.pop(),
        _ => None,
    };
    let terminal = terminal.ok_or_else(ended)?;
    let terminal = Terminal::new(terminal).map_err(|e| failed("cannot use the terminal", e))?;
    match link.receive().await? {
        Some((Reply::Failed(trouble), _)) => return Err(trouble.into()),
        other => expect_start(other)?,
    }
    Ok(Process {
        stdin: Some(Box::pin(terminal.clone())),
        stdout: Some(Box::pin(terminal.clone())),
        stderr: None,
        control: Box::new(Control::new(link, Some(terminal))),
    })
}

fn check(command: &Command) -> Result<()> {
    let texts = command
        .argv
        .iter()
        .chain(command.env.iter().flat_map(|(name, value)| [name, value]));
    if command.argv.first().is_none_or(String::is_empty) {
        return Err(Error::invalid("a command needs a program"));
    }
    if texts.into_iter().any(|text| text.contains('\0')) {
        return Err(Error::invalid(
            "command and environment may not contain NUL bytes",
        ));
    }
    if !command.cwd.is_absolute() {
        return Err(Error::invalid("the working directory has to be absolute"));
    }
    Ok(())
}

fn expect_start(reply: Option<(Reply, Vec<OwnedFd>)>) -> Result<()> {
    match reply {
        Some((Reply::Started, _)) => Ok(()),
        _ => Err(ended()),
    }
}

fn ended() -> Error {
    Error::new(
        ErrorKind::FailedPrecondition,
        "the instance ended before the command began",
    )
}

/// The three streams of a command: the command's ends and ours.
pub(super) struct Pipes {
    pub(super) inner: [OwnedFd; 3],
    pub(super) stdin: pipe::Sender,
    pub(super) stdout: pipe::Receiver,
    pub(super) stderr: pipe::Receiver,
}

impl Pipes {
    pub(super) fn new() -> Result<Self> {
        let make = || {
            let (stdin, our_stdin) = pipe_with(PipeFlags::CLOEXEC)?;
            let (our_stdout, stdout) = pipe_with(PipeFlags::CLOEXEC)?;
            let (our_stderr, stderr) = pipe_with(PipeFlags::CLOEXEC)?;
            Ok(Self {
                inner: [stdin, stdout, stderr],
                stdin: pipe::Sender::from_owned_fd(our_stdin)?,
                stdout: pipe::Receiver::from_owned_fd(our_stdout)?,
                stderr: pipe::Receiver::from_owned_fd(our_stderr)?,
            })
        };
        make().map_err(|e: std::io::Error| failed("cannot make pipes", e))
    }
}

/// Steers a command through its connection. The shim kills the command when the connection closes.
struct Control {
    link: Arc<Link>,
    exit: watch::Receiver<Option<Exit>>,
    listener: AbortHandle,
    terminal: Option<Terminal>,
}

impl Control {
    fn new(link: Link, terminal: Option<Terminal>) -> Self {
        let link = Arc::new(link);
        let (sender, exit) = watch::channel(None);
        let heard = Arc::clone(&link);
        let listener = tokio::spawn(async move {
            let exit = loop {
                match heard.receive().await {
                    Ok(Some((Reply::Exited(exit), _))) => break exit,
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => break killed_with_instance(),
                }
            };
            sender.send_replace(Some(exit));
        });
        Self {
            link,
            exit,
            listener: listener.abort_handle(),
            terminal,
        }
    }
}

fn killed_with_instance() -> Exit {
    let mut exit = Exit::default();
    exit.signal = Some(libc::SIGKILL);
    exit.message = Some(String::from("the instance ended"));
    exit
}

impl Drop for Control {
    fn drop(&mut self) {
        // Lets go of the connection, which ends the command.
        self.listener.abort();
    }
}

#[async_trait]
impl ProcessControl for Control {
    async fn signal(&self, signal: i32) -> Result<()> {
        if !(1..=64).contains(&signal) {
            return Err(Error::invalid("not a signal").with_context("signal", signal));
        }
        if self.exit.borrow().is_some() {
            return Ok(());
        }
        match self.link.send(&Request::Signal(signal), &[]).await {
            // It ended meanwhile, with its instance.
            Err(_) if self.exit.borrow().is_some() => Ok(()),
            other => other,
        }
    }

    async fn resize(&self, size: PtySize) -> Result<()> {
        match &self.terminal {
            Some(terminal) => terminal
                .resize(size)
                .map_err(|e| failed("cannot resize the terminal", e)),
            None => Err(Error::unsupported(
                "cannot resize: the process has no terminal",
            )),
        }
    }

    async fn wait(&self) -> Result<Exit> {
        let mut exit = self.exit.clone();
        let exit = exit.wait_for(Option::is_some).await;
        match exit.ok().and_then(|exit| exit.clone()) {
            Some(exit) => Ok(exit),
            None => Ok(killed_with_instance()),
        }
    }
}
