use serde::{Deserialize, Serialize};

use super::{ContentState, Failure, Phase, Step, StopReason};
use crate::git::GitStatus;
use crate::ide::IdeStatus;
use crate::port::{PortChoice, ServedPort};
use crate::task::TaskStatus;
use crate::{InstanceId, Secret, Timestamp};

/// What is observed of a workspace. Written by the reconcile driver alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkspaceStatus {
    /// Of the current or last instance; `Stopped` when there never was one.
    pub phase: Phase,
    /// When the phase was entered.
    pub phase_since: Timestamp,
    /// The current or last instance.
    pub instance: Option<InstanceStatus>,
    /// What is known about the files.
    pub content: ContentState,
    /// What git says about them, last time it was asked.
    pub git: Option<GitStatus>,
    /// Whether any instance ever ran: until then a start runs the tasks of a fresh one.
    #[serde(default)]
    pub ever_ran: bool,
}

impl WorkspaceStatus {
    /// Of a workspace that never ran.
    pub fn new(now: Timestamp) -> Self {
        Self {
            phase: Phase::Stopped,
            phase_since: now,
            instance: None,
            content: ContentState::Absent,
            git: None,
            ever_ran: false,
        }
    }
}

/// What is observed of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstanceStatus {
    /// Which.
    pub id: InstanceId,
    /// When its start was asked for.
    pub created_at: Timestamp,
    /// When it became `running`.
    pub started_at: Option<Timestamp>,
    /// When it became `stopped`.
    pub stopped_at: Option<Timestamp>,
    /// The secret that opens it.
    pub owner_token: Secret<String>,
    /// The nine steps.
    pub steps: Vec<Step>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// Why it is to stop, if it is.
    pub stop_reason: Option<StopReason>,
    /// Its editor.
    pub ide: IdeStatus,
    /// Its ports: configured and served ones.
    pub ports: Vec<ServedPort>,
    /// What its owner chose for ports of this instance.
    #[serde(default)]
    pub port_choices: Vec<PortChoice>,
    /// Its tasks.
    pub tasks: Vec<TaskStatus>,
    /// Last sign of a user.
    pub last_activity: Option<Timestamp>,
    /// Things its user should know, for people.
    pub warnings: Vec<String>,
    /// How many of its processes were killed for memory.
    #[serde(default)]
    pub memory_kills: u64,
    /// Why it is not stopped yet, if stopping it met trouble.
    #[serde(default)]
    pub stop_trouble: Option<StopTrouble>,
}

/// A part of a stop that fails. It is tried for ever, so that nothing is left behind unseen; files are never touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopTrouble {
    /// What is being tried, for people: `end its processes`.
    pub what: String,
    /// When it failed first.
    pub since: Timestamp,
    /// How often it failed in a row, as far as this server saw.
    pub attempts: u32,
    /// How it failed last.
    pub message: String,
    /// What a person can do.
    pub hint: String,
    /// When it is tried again.
    pub next: Timestamp,
}

impl InstanceStatus {
    /// A new instance, nothing observed yet.
    pub fn new(id: InstanceId, owner_token: Secret<String>, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            started_at: None,
            stopped_at: None,
            owner_token,
            steps: Step::fresh(),
            failure: None,
            stop_reason: None,
            ide: IdeStatus::default(),
            ports: Vec::new(),
            port_choices: Vec::new(),
            tasks: Vec::new(),
            last_activity: None,
            warnings: Vec::new(),
            memory_kills: 0,
            stop_trouble: None,
        }
    }
}
