use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gitpod_core::Chain;
use rustix::process::{Pid, Signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use super::config::EditorConfig;
use super::crashes::{Crashes, FIRST_PAUSE};
use super::output::{self, Tail};
use super::probe::until_ready;
use crate::supervisor::account::Account;
use crate::supervisor::oom::{self, Kills};
use crate::supervisor::pipes::Output;
use crate::supervisor::process::{Child, Exit, Processes, Program, Stdio3, wait};

/// Ends before it was ever ready, until it counts as failed.
const MAX_FALSE_STARTS: u32 = 3;

/// What clients may know of the editor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EditorStatus {
    pub(crate) ready: bool,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Why there is none, for people; empty while it may soon become ready.
    pub(crate) failure: String,
    /// Its last lines, with a failure.
    pub(crate) log_tail: Vec<String>,
    pub(crate) restarts: u32,
}

/// What the editor runs with.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) config: PathBuf,
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) account: Account,
    pub(crate) ready_timeout: Duration,
}

/// A process and its end.
#[derive(Debug, Clone)]
struct Started {
    pid: Pid,
    exit: watch::Receiver<Option<Exit>>,
}

/// The editor of the instance.
#[derive(Debug)]
pub(crate) struct Editor {
    processes: Arc<Processes>,
    setting: Setting,
    status: watch::Sender<EditorStatus>,
    /// The process that was started last.
    running: Mutex<Option<Started>>,
}

impl Editor {
    pub(crate) fn new(processes: Arc<Processes>, setting: Setting) -> Self {
        Self {
            processes,
            setting,
            status: watch::Sender::default(),
            running: Mutex::default(),
        }
    }

    /// Hears every change.
    pub(crate) fn watch(&self) -> watch::Receiver<EditorStatus> {
        self.status.subscribe()
    }

    /// Keeps the editor running. Returns only when that has no hope.
    pub(crate) async fn keep(&self) {
        let config = match EditorConfig::read(&self.setting.config) {
            Ok(config) => config,
            Err(error) => {
                return self.fail(format!("there is no editor: {}", Chain(&error)), Vec::new());
            }
        };
        self.status.send_modify(|status| {
            config.name.clone_into(&mut status.name);
            config.version.clone_into(&mut status.version);
        });
        let tail = Tail::default();
        let mut ever_ready = false;
        let mut false_starts = 0;
        let mut crashes = Crashes::default();
        loop {
            let ended = self.run_once(&config, &tail, &mut ever_ready).await;
            let why = ended.unwrap_or_else(|error| format!("could not be started: {error}"));
            warn!("the editor {why}");
            self.status.send_modify(|status| {
                status.ready = false;
                status.restarts += 1;
            });
            let label = config.label();
            if ever_ready {
                let pause = crashes.note(Instant::now());
                if let Some(often) = crashes.too_often() {
                    self.fail(format!("{label} {why}, {often}"), tail.get());
                }
                sleep(pause).await;
            } else {
                false_starts += 1;
                if false_starts >= MAX_FALSE_STARTS {
                    let text = format!("{label} {why}, {false_starts} times, before it was ready");
                    return self.fail(text, tail.get());
                }
                sleep(FIRST_PAUSE).await;
            }
            tail.clear();
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Started>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it: politely, then by force. It must not be kept any more.
    pub(crate) async fn stop(&self, patience: Duration) {
        let Some(mut last) = self.running().clone() else {
            return;
        };
        self.processes.signal(last.pid, Signal::TERM);
        if timeout(patience, wait(&mut last.exit)).await.is_err() {
            self.processes.signal(last.pid, Signal::KILL);
        }
    }

    /// Runs it to its end and says how it ended.
    async fn run_once(
        &self,
        config: &EditorConfig,
        tail: &Tail,
        ever_ready: &mut bool,
    ) -> io::Result<String> {
        let before = Kills::now();
        let mut child = self.start(config, tail)?;
        let probe = &config.readiness_probe;
        let met = Mutex::new(String::new());
        let ready = async {
            if probe.kind == "http" {
                until_ready(&probe.http, self.setting.port, &met).await;
            }
        };
        let started = Instant::now();
        let exit: Exit = tokio::select! {
            exit = wait(&mut child.exit) => exit,
            () = self.report_late(ready, config, tail, &met) => {
                *ever_ready = true;
                info!("the editor is ready after {} ms", started.elapsed().as_millis());
                self.status.send_modify(|status| {
                    status.ready = true;
                    status.failure.clear();
                    status.log_tail.clear();
                });
                wait(&mut child.exit).await
            }
        };
        let why = oom::explain(exit.code(), before);
        Ok(format!("ended with {}{why}", exit.describe()))
    }

    /// Waits for `ready`; says so when it takes longer than it may, and goes on waiting.
    async fn report_late(
        &self,
        ready: impl Future<Output = ()>,
        config: &EditorConfig,
        tail: &Tail,
        met: &Mutex<String>,
    ) {
        let mut ready = std::pin::pin!(ready);
        let patience = self.setting.ready_timeout;
        if timeout(patience, &mut ready).await.is_err() {
            let label = config.label();
            let met = met.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let text = format!(
                "{label} did not answer its readiness probe within {} s: {met}",
                patience.as_secs()
            );
            self.fail(text, tail.get());
            ready.await;
        }
    }

    fn start(&self, config: &EditorConfig, tail: &Tail) -> io::Result<Child> {
        let program = Program {
            argv: config.argv(self.setting.port, &self.setting.folder),
            env: config.environment(&self.setting.env),
            cwd: self.setting.folder.clone(),
            account: self.setting.account.clone(),
        };
        let mut child = self.processes.spawn(program.command(Stdio3 {
            stdin: Stdio::null(),
            stdout: Stdio::piped(),
            stderr: Stdio::piped(),
        }))?;
        *self.running() = Some(Started {
            pid: child.pid,
            exit: child.exit.clone(),
        });
        for end in [child.stdout.take(), child.stderr.take()] {
            tokio::spawn(output::read(
                Output::new(end)?,
                tail.clone(),
                config.log_rate_limit,
            ));
        }
        Ok(child)
    }

    fn fail(&self, failure: String, log_tail: Vec<String>) {
        warn!("{failure}");
        self.status.send_modify(|status| {
            status.ready = false;
            status.failure = failure;
            status.log_tail = log_tail;
        });
    }
}
