use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::Pid;
use tokio::sync::watch;
use tokio::time::timeout;

use super::listen::Listener;
use super::ring::{Lagged, Ring};
use crate::supervisor::pty::{Master, Size};

/// A program that does not read its input gets this long before typing into its terminal gives up.
const WRITE_PATIENCE: Duration = Duration::from_secs(5);

/// Who gave the title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TitleSource {
    /// The program in the foreground.
    Process,
    /// A client.
    Api,
}

/// A terminal's title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) text: String,
    pub(crate) source: TitleSource,
}

/// What listeners wait for: places and versions, never the data itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// Place after the newest output.
    pub(super) end: u64,
    /// Version of the title.
    pub(super) title: u64,
    /// Exit code of the shell, once all of its output is in the ring.
    pub(super) exit: Option<i32>,
}

/// One terminal, open or closed.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) alias: String,
    pub(crate) command: Vec<String>,
    pub(crate) pid: Pid,
    pub(crate) initial_workdir: PathBuf,
    /// Lets its opener resize it.
    pub(crate) starter_token: String,
    /// Kept after its end, whatever else ends.
    pub(crate) is_task: bool,
    master: Master,
    /// Keeps what several clients type apart.
    typing: tokio::sync::Mutex<()>,
    pulse: watch::Sender<Pulse>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    ring: Ring,
    title: Option<String>,
    annotations: BTreeMap<String, String>,
    force_success: bool,
}

/// What a new session starts with.
#[derive(Debug)]
pub(super) struct Birth {
    pub(super) alias: String,
    pub(super) command: Vec<String>,
    pub(super) pid: Pid,
    pub(super) workdir: PathBuf,
    pub(super) starter_token: String,
    pub(super) is_task: bool,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) title: Option<String>,
}

impl Session {
    pub(super) fn new(birth: Birth, master: Master) -> Self {
        Self {
            alias: birth.alias,
            command: birth.command,
            pid: birth.pid,
            initial_workdir: birth.workdir,
            starter_token: birth.starter_token,
            is_task: birth.is_task,
            master,
            typing: tokio::sync::Mutex::new(()),
            pulse: watch::Sender::new(Pulse::default()),
            state: Mutex::new(State {
                title: birth.title,
                annotations: birth.annotations,
                ..State::default()
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn master(&self) -> &Master {
        &self.master
    }

    pub(super) fn push(&self, data: &[u8]) {
        let end = {
            let mut state = self.state();
            state.ring.push(data);
            state.ring.end()
        };
        self.pulse.send_modify(|pulse| pulse.end = end);
    }

    pub(super) fn close(&self, code: i32) {
        let code = if self.state().force_success { 0 } else { code };
        self.pulse.send_modify(|pulse| pulse.exit = Some(code));
    }

    pub(super) fn force_success(&self) {
        self.state().force_success = true;
    }

    pub(super) fn oldest(&self) -> u64 {
        self.state().ring.start()
    }

    pub(super) fn read(&self, place: u64) -> Result<Bytes, Lagged> {
        self.state().ring.read(place)
    }

    /// What is kept of its output.
    pub(crate) fn output(&self) -> Vec<u8> {
        self.state().ring.all()
    }

    /// Place after its newest output.
    pub(crate) fn end(&self) -> u64 {
        self.state().ring.end()
    }

    /// Exit code of its shell, once that ended.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        self.pulse.borrow().exit
    }

    /// Waits for its end.
    pub(crate) async fn closed(&self) -> i32 {
        let mut pulse = self.pulse.subscribe();
        // This holds the sender.
        match pulse.wait_for(|pulse| pulse.exit.is_some()).await {
            Ok(pulse) => pulse.exit.unwrap_or_default(),
            Err(_) => 0,
        }
    }

    /// Hears it from the oldest output on.
    pub(crate) fn listen(self: &Arc<Self>) -> Listener {
        Listener::new(Arc::clone(self), self.pulse.subscribe())
    }

    /// Types `input`; returns how much was taken.
    ///
    /// # Errors
    /// The terminal is closed, or its program takes nothing for a while.
    pub(crate) async fn write(&self, input: &[u8]) -> io::Result<usize> {
        if self.exit_code().is_some() {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe));
        }
        let _turn = self.typing.lock().await;
        let mut taken = 0;
        while taken < input.len() {
            match timeout(WRITE_PATIENCE, self.master.write(&input[taken..])).await {
                Ok(count) => taken += count?,
                Err(_) if taken > 0 => break,
                Err(_) => return Err(io::Error::from(io::ErrorKind::TimedOut)),
            }
        }
        Ok(taken)
    }

    /// Resizes it.
    ///
    /// # Errors
    /// As the system says.
    pub(crate) fn resize(&self, size: Size) -> io::Result<()> {
        self.master.resize(size)
    }

    /// Its title: what a client gave, else the program in the foreground.
    pub(crate) fn title(&self) -> Title {
        if let Some(text) = self.state().title.clone() {
            return Title {
                text,
                source: TitleSource::Api,
            };
        }
        let foreground = self.master.foreground().unwrap_or(self.pid);
        let name = fs::read_to_string(format!("/proc/{}/comm", foreground.as_raw_nonzero()));
        Title {
            text: name.map_or_else(|_| self.command_name(), |name| name.trim_end().to_owned()),
            source: TitleSource::Process,
        }
    }

    fn command_name(&self) -> String {
        let program = self.command.first().map_or("", String::as_str);
        program.rsplit('/').next().unwrap_or(program).to_owned()
    }

    /// Gives it a title; an empty one gives the choice back to its programs.
    pub(crate) fn set_title(&self, title: String) {
        self.state().title = Some(title).filter(|title| !title.is_empty());
        self.pulse.send_modify(|pulse| pulse.title += 1);
    }

    /// Where its shell is now.
    pub(crate) fn current_workdir(&self) -> PathBuf {
        fs::read_link(format!("/proc/{}/cwd", self.pid.as_raw_nonzero()))
            .unwrap_or_else(|_| self.initial_workdir.clone())
    }

    /// What clients noted about it.
    pub(crate) fn annotations(&self) -> BTreeMap<String, String> {
        self.state().annotations.clone()
    }

    /// Changes what clients noted about it; false when that would be too much.
    pub(crate) fn annotate(
        &self,
        changed: impl IntoIterator<Item = (String, String)>,
        deleted: &[String],
    ) -> bool {
        const MAX: usize = 64;
        let mut state = self.state();
        for key in deleted {
            state.annotations.remove(key);
        }
        for (key, value) in changed {
            if state.annotations.len() >= MAX && !state.annotations.contains_key(&key) {
                return false;
            }
            state.annotations.insert(key, value);
        }
        true
    }
}
