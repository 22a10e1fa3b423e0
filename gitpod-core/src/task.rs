//! Tasks: what a repository wants run in terminals.

use serde::{Deserialize, Serialize};

/// A task as the supervisor gets it: the command is composed already (see `gitpod_yml`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskSpec {
    /// Its index, as text: `0`, `1`, …
    pub id: String,
    /// For people; `Gitpod Task N` when the repository gave none.
    pub name: String,
    /// A line for the task's shell; empty for a plain terminal.
    pub command: String,
    /// Environment of this task alone.
    pub env: Vec<(String, String)>,
    /// Where editors open it: `bottom`, `main`, `left`, `right`.
    pub open_in: Option<String>,
    /// How: `tab-after`, `tab-before`, `split-left`, `split-right`.
    pub open_mode: Option<String>,
}

impl TaskSpec {
    /// A task that runs `command`.
    pub fn new(id: impl Into<String>, name: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            command: command.into(),
            env: Vec::new(),
            open_in: None,
            open_mode: None,
        }
    }
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// Its terminal is being opened.
    Opening,
    /// Its shell runs.
    Running,
    /// Its shell ended.
    Closed,
}

/// A task as observed in a running instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskStatus {
    /// As in [`TaskSpec::id`].
    pub id: String,
    /// For people.
    pub name: String,
    /// How far it is.
    pub state: TaskState,
    /// Alias of its terminal in the supervisor's terminal API.
    pub terminal: Option<String>,
    /// Exit code of its shell, once closed and if known.
    pub exit_code: Option<i32>,
    /// Why it failed, for people, if it did.
    #[serde(default)]
    pub failure: Option<String>,
}

impl TaskStatus {
    /// A task in `state`.
    pub fn new(id: impl Into<String>, name: impl Into<String>, state: TaskState) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            state,
            terminal: None,
            exit_code: None,
            failure: None,
        }
    }
}
