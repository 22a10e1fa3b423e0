use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gitpod_core::task::{TaskSpec, TaskState};
use tokio::sync::watch;

use super::marker::Marker;
use super::script::{launch, script};
use crate::supervisor::account::Account;
use crate::supervisor::environment;
use crate::supervisor::oom::{self, Kills};
use crate::supervisor::process::Program;
use crate::supervisor::pty::Size;
use crate::supervisor::terminal::{Filter, OpenOptions, Session, Terminals, random_name};

/// A task as clients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskView {
    pub(crate) spec: TaskSpec,
    pub(crate) state: TaskState,
    /// Alias of its terminal; empty before that is open.
    pub(crate) terminal: String,
    /// Exit code of its command line, as soon as that ended.
    pub(crate) exit_code: Option<i32>,
    /// Why it failed, for people; empty if it did not.
    pub(crate) failure: String,
}

/// What tasks run with.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) shell: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: PathBuf,
    pub(crate) account: Account,
    /// For start-up files of shells.
    pub(crate) run_dir: PathBuf,
}

/// The tasks of the instance, in the order of the configuration.
#[derive(Debug)]
pub(crate) struct Tasks {
    views: watch::Sender<Vec<TaskView>>,
    /// Terminals of those that were started, and how much of their output was written down (at first: nothing, not even that there
    /// is none).
    kept: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    task: String,
    session: Arc<Session>,
    until: u64,
}

impl Tasks {
    /// The tasks, none of them started.
    pub(crate) fn new(specs: Vec<TaskSpec>) -> Self {
        let opening = |spec| TaskView {
            spec,
            state: TaskState::Opening,
            terminal: String::new(),
            exit_code: None,
            failure: String::new(),
        };
        Self {
            views: watch::Sender::new(specs.into_iter().map(opening).collect()),
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each task that was started with its terminal, and how much of its output was written down.
    pub(super) fn sessions(&self) -> Vec<(String, Arc<Session>, u64)> {
        let kept = self.kept();
        kept.iter()
            .map(|kept| (kept.task.clone(), Arc::clone(&kept.session), kept.until))
            .collect()
    }

    /// Notes that the output of a task was written down up to a place.
    pub(super) fn mark_kept(&self, task: &str, until: u64) {
        for kept in self.kept().iter_mut().filter(|kept| kept.task == task) {
            kept.until = until;
        }
    }

    /// Hears every change.
    pub(crate) fn watch(&self) -> watch::Receiver<Vec<TaskView>> {
        self.views.subscribe()
    }

    /// Starts all of them. One that cannot be started is closed, with the reason.
    pub(crate) fn start(self: &Arc<Self>, terminals: &Terminals, setting: &Setting) {
        let specs: Vec<TaskSpec> = self
            .views
            .borrow()
            .iter()
            .map(|view| view.spec.clone())
            .collect();
        for (index, spec) in specs.iter().enumerate() {
            let (told, code) = watch::channel(None);
            match open(terminals, setting, spec, told) {
                Ok(session) => {
                    self.change(index, |view| {
                        view.state = TaskState::Running;
                        view.terminal.clone_from(&session.alias);
                    });
                    self.kept().push(Kept {
                        task: spec.id.clone(),
                        session: Arc::clone(&session),
                        until: u64::MAX,
                    });
                    tokio::spawn(Arc::clone(self).follow(index, session, code));
                }
                Err(error) => self.change(index, |view| {
                    view.state = TaskState::Closed;
                    view.failure = format!("cannot start the task: {error}");
                }),
            }
        }
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut TaskView)) {
        self.views.send_modify(|views| change(&mut views[index]));
    }

    /// Reports the end of the command line, then the end of the shell.
    async fn follow(
        self: Arc<Self>,
        index: usize,
        session: Arc<Session>,
        mut told: watch::Receiver<Option<i32>>,
    ) {
        let before = Kills::now();
        let told = tokio::select! {
            Ok(code) = told.wait_for(Option::is_some) => *code,
            _ = session.closed() => None,
        };
        if let Some(code) = told {
            self.report(index, code, before);
        }
        let code = session.closed().await;
        if told.is_none() {
            // The command line ended its shell, or was ended with it.
            self.report(index, code, before);
        }
        self.change(index, |view| view.state = TaskState::Closed);
    }

    fn report(&self, index: usize, code: i32, before: Kills) {
        self.change(index, |view| {
            view.exit_code = Some(code);
            if code != 0 {
                let why = oom::explain(code, before);
                view.failure = format!("{} ended with exit code {code}{why}", view.spec.name);
            }
        });
    }
}

fn open(
    terminals: &Terminals,
    setting: &Setting,
    spec: &TaskSpec,
    told: watch::Sender<Option<i32>>,
) -> io::Result<Arc<Session>> {
    let mut env = setting.env.clone();
    environment::extend(&mut env, spec.env.iter().map(|(key, value)| (key, value)));
    let mut argv = vec![setting.shell.to_string_lossy().into_owned()];
    let mut filter: Option<Box<dyn Filter>> = None;
    if !spec.command.trim().is_empty() {
        let name = random_name()?;
        let path = setting.run_dir.join(format!("task-{name}"));
        write_script(
            &path,
            &script(&setting.shell, &spec.command, &name),
            &setting.account,
        )?;
        let launch = launch(&setting.shell, &path);
        argv.extend(launch.arguments);
        env.extend(launch.env);
        filter = Some(Box::new(Marker::new(&name, told)));
    }
    terminals.open(
        OpenOptions {
            program: Program {
                argv,
                env,
                cwd: setting.cwd.clone(),
                account: setting.account.clone(),
            },
            size: Size::default(),
            annotations: BTreeMap::from([(
                String::from("gitpod.supervisor"),
                String::from("true"),
            )]),
            title: Some(spec.name.clone()),
            is_task: true,
        },
        filter,
    )
}

/// The command line may hold what is nobody else's business.
fn write_script(path: &Path, text: &str, account: &Account) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::fchown(&file, Some(account.uid), Some(account.gid))?;
    }
    file.write_all(text.as_bytes())
}
