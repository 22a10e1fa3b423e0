//! The server's handle on its launcher.

use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use gitpod_core::{Error, ErrorKind, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::channel::Channel;
use super::launcher;
use super::protocol::{Hello, NewShim, VERSION};

/// How long a launcher may take until it says hello; a loaded machine, a slow disk.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the launcher, and starts it again should it die.
#[derive(Debug)]
pub(super) struct Zygote {
    program: Option<PathBuf>,
    running: Mutex<Option<Launcher>>,
}

#[derive(Debug)]
struct Launcher {
    child: Child,
    channel: Channel,
}

impl Zygote {
    /// A handle on launchers that are `program`, or this executable.
    ///
    /// # Errors
    /// `FailedPrecondition` when this executable would not recognise itself as a launcher.
    pub(super) fn new(program: Option<PathBuf>) -> Result<Self> {
        if program.is_none() && !launcher::is_hooked() {
            return Err(Error::new(
                ErrorKind::FailedPrecondition,
                "this program cannot start the sandbox's launcher",
            )
            .with_hint(
                "call `gitpod_runtime::sandbox::reexec()` first in `main`, or set `launcher` to a program that does",
            ));
        }
        let zygote = Self {
            program,
            running: Mutex::new(None),
        };
        zygote.with_launcher(|_| Ok(()))?;
        Ok(zygote)
    }

    /// A new shim, waiting for its order. Blocks for the start of a launcher if there is none.
    pub(super) fn channel(&self) -> Result<Channel> {
        let (near, far) = Channel::pair().map_err(failed)?;
        self.with_launcher(|launcher| launcher.channel.send(&NewShim, &[far.as_fd()]))?;
        drop(far);
        Ok(near)
    }

    fn with_launcher(&self, act: impl Fn(&Launcher) -> std::io::Result<()>) -> Result<()> {
        let mut running = self
            .running
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(launcher) = &*running
            && act(launcher).is_ok()
        {
            return Ok(());
        }
        // None yet, or it died: instances do not depend on it.
        *running = None;
        let launcher = self.start()?;
        act(&launcher).map_err(failed)?;
        *running = Some(launcher);
        Ok(())
    }

    fn start(&self) -> Result<Launcher> {
        let (near, far) = Channel::pair().map_err(failed)?;
        let program = match &self.program {
            Some(program) => program.clone(),
            None => PathBuf::from("/proc/self/exe"),
        };
        let child = Command::new(&program)
            .arg0(launcher::NAME)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(far.into_fd()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(error).with_context("program", program.display()))?;
        let launcher = Launcher {
            child,
            channel: near,
        };
        launcher.greet().map(|()| launcher)
    }
}

impl Launcher {
    fn greet(&self) -> Result<()> {
        let limit = Timespec {
            tv_sec: i64::try_from(PATIENCE.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: 0,
        };
        let mut fds = [PollFd::new(&self.channel, PollFlags::IN)];
        let silent = || {
            Error::new(
                ErrorKind::FailedPrecondition,
                "the sandbox's launcher does not answer",
            )
            .with_hint("the program started as launcher has to call `gitpod_runtime::sandbox::reexec()` first in `main`")
        };
        match poll(&mut fds, Some(&limit)) {
            Ok(0) => return Err(silent()),
            Ok(_) => {}
            Err(error) => return Err(failed(error.into())),
        }
        match self.channel.receive::<Hello>() {
            Ok(Some((Hello { version: VERSION }, _))) => Ok(()),
            Ok(Some(_)) => Err(Error::new(
                ErrorKind::FailedPrecondition,
                "the sandbox's launcher is of another version",
            )),
            _ => Err(silent()),
        }
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        // It ends by itself when the channel closes; it is killed so that waiting for it cannot take long.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "cannot start the sandbox's launcher",
    )
    .with_source(error)
}
