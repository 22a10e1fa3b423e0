use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;
use crate::supervisor::oom;

/// Every child of ours, by process id.
///
/// A process id is ours to signal from its start until it is reaped; both happen under one lock, so a signal never hits a
/// stranger that got the id later. Children that nobody started here (orphans of the instance) are reaped all the same.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    live: Mutex<HashMap<Pid, watch::Sender<Option<Exit>>>>,
}

/// A child that was started.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) pid: Pid,
    /// Our ends of its pipes.
    pub(crate) stdin: Option<OwnedFd>,
    pub(crate) stdout: Option<OwnedFd>,
    pub(crate) stderr: Option<OwnedFd>,
    /// How it ended, once it did. See [`wait`].
    pub(crate) exit: watch::Receiver<Option<Exit>>,
}

/// Waits for the end that `exit` tells.
pub(crate) async fn wait(exit: &mut watch::Receiver<Option<Exit>>) -> Exit {
    // The sender is dropped only after it said how the process ended.
    match exit.wait_for(Option::is_some).await {
        Ok(found) => found.unwrap_or(Exit::Signal(9)),
        Err(_) => Exit::Signal(9),
    }
}

impl Processes {
    fn live(&self) -> MutexGuard<'_, HashMap<Pid, watch::Sender<Option<Exit>>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts `command`.
    ///
    /// # Errors
    /// As the system says: no such program, no permission, no such directory.
    pub(crate) fn spawn(&self, mut command: Command) -> io::Result<Child> {
        let mut live = self.live();
        let mut child = command.spawn()?;
        let pid = Pid::from_child(&child);
        oom::prefer(pid);
        let (sender, exit) = watch::channel(None);
        live.insert(pid, sender);
        Ok(Child {
            pid,
            stdin: child.stdin.take().map(Into::into),
            stdout: child.stdout.take().map(Into::into),
            stderr: child.stderr.take().map(Into::into),
            exit,
        })
    }

    /// Sends `signal` to the process group that the child `pid` leads. One that ended is no error.
    pub(crate) fn signal(&self, pid: Pid, signal: Signal) {
        let live = self.live();
        if live.contains_key(&pid) && kill_process_group(pid, signal).is_err() {
            // A child with a terminal leads no group until it made its session.
            let _ = kill_process(pid, signal);
        }
    }

    /// Whether `pid` is a child that was not reaped yet.
    pub(crate) fn is_live(&self, pid: Pid) -> bool {
        self.live().contains_key(&pid)
    }

    /// Reaps every child that ended.
    fn reap(&self) {
        let mut live = self.live();
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            let Some(exit) = Exit::from_status(status) else {
                continue;
            };
            if let Some(sender) = live.remove(&pid) {
                sender.send_replace(Some(exit));
            }
        }
    }

    /// Reaps children whenever one ends.
    ///
    /// # Errors
    /// The signal handler cannot be installed; else this does not return.
    pub(crate) async fn reap_forever(&self) -> io::Result<()> {
        let mut ended = signal(SignalKind::child())?;
        loop {
            self.reap();
            ended.recv().await;
        }
    }
}
