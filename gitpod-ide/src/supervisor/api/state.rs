use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

use crate::supervisor::account::Account;
use crate::supervisor::config::Config;
use crate::supervisor::editor::Editor;
use crate::supervisor::git::GitWatch;
use crate::supervisor::ports::Ports;
use crate::supervisor::presence::Presence;
use crate::supervisor::process::Processes;
use crate::supervisor::tasks::Tasks;
use crate::supervisor::terminal::Terminals;

/// The parts of the supervisor that requests are about.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) config: Arc<Config>,
    pub(crate) processes: Arc<Processes>,
    pub(crate) terminals: Arc<Terminals>,
    pub(crate) editor: Arc<Editor>,
    pub(crate) ports: Arc<Ports>,
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) git: Arc<GitWatch>,
    pub(crate) presence: Arc<Presence>,
    pub(crate) user: Arc<User>,
    /// Whether the end has begun.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// The user of the workspace and what their programs start with.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) account: Account,
    pub(crate) shell: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    /// Where their shells start.
    pub(crate) directory: PathBuf,
}
