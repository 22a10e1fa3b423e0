use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::{Chain, Error, ErrorKind, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use super::account::{self, Account};
use super::api::{self, State};
use super::config::{Config, default_shell};
use super::editor::{self, Editor};
use super::environment::{Basis, compose};
use super::git::{GitWatch, Repository};
use super::git_config;
use super::ports::Ports;
use super::process::Processes;
use super::shutdown::end_everything;
use super::tasks::{self, Tasks, keep};
use super::terminal::Terminals;

/// What of the grace is kept back, so that we are the ones who end it.
const MARGIN: Duration = Duration::from_millis(500);

/// Runs the supervisor until it is told to stop.
pub(super) fn main(env: impl Iterator<Item = (OsString, OsString)>) -> ExitCode {
    let env = env
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let outcome = Config::from_env(env).and_then(|config| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| failed("start the event loop", source))?;
        runtime.block_on(run(config))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!("{}", Chain(&problem));
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> Result<()> {
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|source| failed("handle signals", source))?;
    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(|source| failed("handle signals", source))?;
    // Orphans come to us even where something else is the first process.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|source| failed("adopt orphans", source.into()))?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, config.api_port)))
        .await
        .map_err(|source| {
            failed("listen for the API", source).with_context("port", config.api_port)
        })?;
    let address = listener
        .local_addr()
        .map_err(|source| failed("listen for the API", source))?;
    info!("listening on {address}");

    let (stopping, will_shut_down) = watch::channel(false);
    let parts = assemble(&config, address.port(), will_shut_down);
    let keeping = watch_over(&parts, listener);
    let starting = tokio::spawn(start_tasks(
        parts.state.clone(),
        parts.tasks,
        parts.logs.clone(),
    ));

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    info!("told to stop");
    stopping.send_replace(true);
    starting.abort();
    keeping.abort();
    let grace = config.grace.saturating_sub(MARGIN);
    end_everything(&parts.state.terminals, &parts.state.editor, grace).await;
    // What they said last, too.
    keep::keep(&parts.state.tasks, &parts.logs);
    Ok(())
}

/// Starts what runs until the end: the reaper, the API, and those who look after editor, ports, git, presence and task output.
/// Answers with the task that restarts the editor, which has to end before the editor does.
fn watch_over(parts: &Parts, listener: TcpListener) -> JoinHandle<()> {
    tokio::spawn({
        let processes = Arc::clone(&parts.state.processes);
        async move { processes.reap_forever().await }
    });
    tokio::spawn(api::serve(listener, parts.state.clone()));
    tokio::spawn({
        let watched = Arc::clone(&parts.state.ports);
        async move { watched.follow().await }
    });
    tokio::spawn({
        let git = Arc::clone(&parts.state.git);
        async move { git.follow().await }
    });
    tokio::spawn({
        let presence = Arc::clone(&parts.state.presence);
        async move { presence.follow().await }
    });
    tokio::spawn(keep::follow(
        Arc::clone(&parts.state.tasks),
        parts.logs.clone(),
    ));
    let editor = Arc::clone(&parts.state.editor);
    tokio::spawn(async move { editor.keep().await })
}

/// Everything that runs, wired up; nothing is started yet.
struct Parts {
    state: State,
    tasks: tasks::Setting,
    logs: keep::Place,
}

fn assemble(config: &Config, api_port: u16, stopping: watch::Receiver<bool>) -> Parts {
    let account = prepare(config);
    let shell = default_shell();
    let history = history_file(&account);
    let env = compose(
        &config.env,
        &Basis {
            account: &account,
            shell: &shell,
            tools: Path::new("/.supervisor"),
            history: history.as_deref(),
            api_port,
            editor_port: config.ide_port,
        },
    );
    let directory = existing(&config.repo_root, &account);
    let processes = Arc::new(Processes::default());
    let setting = editor_setting(config, env.clone(), account.clone());
    let editor = Editor::new(Arc::clone(&processes), setting);
    let git = GitWatch::new(Repository {
        processes: Arc::clone(&processes),
        root: directory.clone(),
        env: env.clone(),
        account: account.clone(),
    });
    let own = vec![api_port, config.ide_port];
    let ports = Ports::new(config.ports.clone(), own, config.workspace_url.clone());
    let tasks = tasks::Setting {
        shell: shell.clone(),
        env: env.clone(),
        cwd: directory.clone(),
        account: account.clone(),
        run_dir: config.run_dir.clone(),
    };
    let state = State {
        config: Arc::new(config.clone()),
        terminals: Arc::new(Terminals::new(Arc::clone(&processes))),
        processes,
        editor: Arc::new(editor),
        ports: Arc::new(ports),
        tasks: Arc::new(Tasks::new(config.tasks.clone())),
        git: Arc::new(git),
        presence: Arc::default(),
        user: Arc::new(api::User {
            account,
            shell,
            env,
            directory,
        }),
        stopping,
    };
    let logs = keep::Place {
        directory: config.logs_dir.clone(),
        account: tasks.account.clone(),
    };
    Parts { state, tasks, logs }
}

fn editor_setting(
    config: &Config,
    env: Vec<(String, String)>,
    account: Account,
) -> editor::Setting {
    editor::Setting {
        config: config.ide_file.clone(),
        port: config.ide_port,
        folder: existing(&config.workspace_location, &account),
        env,
        account,
        ready_timeout: config.ide_ready_timeout,
    }
}

/// Makes the user, the home and our own directory. What cannot be made is said and lived without.
fn prepare(config: &Config) -> Account {
    let account = account::ensure(&config.etc, &config.user_home).unwrap_or_else(|problem| {
        warn!(error = %problem, "cannot complete the user's account");
        account::fallback(&config.user_home)
    });
    let name = config.git_user_name.as_deref();
    if let Err(problem) = git_config::ensure(&account, name, config.git_user_email.as_deref()) {
        warn!(error = %problem, "cannot write the user's git configuration");
    }
    if let Err(problem) = fs::create_dir_all(&config.run_dir) {
        warn!(error = %problem, "cannot make {}", config.run_dir.display());
    }
    account
}

/// History of shells is kept with the workspace's files.
fn history_file(account: &Account) -> Option<PathBuf> {
    let directory = Path::new("/workspace/.gitpod");
    if !directory.parent()?.is_dir() {
        return None;
    }
    fs::create_dir_all(directory).ok()?;
    std::os::unix::fs::chown(directory, Some(account.uid), Some(account.gid)).ok()?;
    Some(directory.join(".shell_history"))
}

/// The directory, or the nearest one above it that is there, or the home.
fn existing(directory: &Path, account: &Account) -> PathBuf {
    directory
        .ancestors()
        .find(|candidate| candidate.is_dir() && candidate.parent().is_some())
        .map_or_else(|| account.home.clone(), Path::to_path_buf)
}

/// How long tasks wait for a slow editor. VS Code has its port within a second; nobody should wait for one that never answers.
const EDITOR_FIRST: Duration = Duration::from_secs(10);

/// Starts the tasks once the editor is ready, has failed or is slow: it has its port before any task could take it.
async fn start_tasks(state: State, setting: tasks::Setting, logs: keep::Place) {
    let mut editor = state.editor.watch();
    let settled = editor.wait_for(|status| status.ready || !status.failure.is_empty());
    // Too late is as good as settled, and its sender is in the state we hold.
    let _ = tokio::time::timeout(EDITOR_FIRST, settled).await;
    state.tasks.start(&state.terminals, &setting);
    // The output of the run before is not this one's.
    keep::keep(&state.tasks, &logs);
}

fn failed(what: &str, source: io::Error) -> Error {
    let kind = match source.kind() {
        io::ErrorKind::AddrInUse => ErrorKind::AlreadyExists,
        io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
        _ => ErrorKind::Unexpected,
    };
    Error::new(kind, format!("cannot {what}")).with_source(source)
}
