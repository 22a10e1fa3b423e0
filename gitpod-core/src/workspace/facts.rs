//! One snapshot of the world, as seen for one workspace.

use std::time::Duration;

use super::effect::Effects;
use crate::git::GitStatus;
use crate::instance::{Exit, InstancePhase};
use crate::port::ServedPort;
use crate::task::TaskStatus;
use crate::{InstanceId, Secret, Timestamp};

/// What the runtime says about the current instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceFact {
    /// There is none.
    Absent,
    /// It is being set up.
    Creating,
    /// Its command runs.
    Running {
        /// Since when, if the runtime knows.
        since: Option<Timestamp>,
    },
    /// Its command ended.
    Exited(Exit),
    /// The runtime cannot be asked.
    Unreachable(String),
}

impl InstanceFact {
    /// What a runtime's answer means.
    pub fn from_phase(phase: &InstancePhase, since: Option<Timestamp>) -> Self {
        match phase {
            InstancePhase::Creating => Self::Creating,
            InstancePhase::Running => Self::Running { since },
            InstancePhase::Exited(exit) => Self::Exited(exit.clone()),
        }
    }
}

/// What the node's disk says about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeFact {
    /// Nobody looked, because no decision needs it now.
    Unknown,
    /// There is none.
    Absent,
    /// It was begun and never completed.
    Incomplete,
    /// It is complete.
    Complete,
}

/// How the editor of an instance is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditorFact {
    /// Whether it answers its readiness probe.
    pub ready: bool,
    /// Why it never will, if it said so.
    pub failed: Option<String>,
}

/// What the supervisor of the current instance said last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SupervisorFacts {
    /// The editor.
    pub editor: EditorFact,
    /// The ports, once it told.
    pub ports: Option<Vec<ServedPort>>,
    /// The tasks, once it told.
    pub tasks: Option<Vec<TaskStatus>>,
    /// The main repository, once it told.
    pub git: Option<GitStatus>,
    /// The newest sign of its user, once it told of one.
    pub activity: Option<UserActivity>,
}

/// A sign of a user, as a supervisor tells it: without a clock, since its clock is not to be trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserActivity {
    /// Grows with each sign.
    pub count: u64,
    /// How long ago it was when the supervisor told.
    pub idle: Duration,
}

/// Everything a decision about one workspace rests on, beside its record and the policy.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Now.
    pub now: Timestamp,
    /// The current instance.
    pub instance: InstanceFact,
    /// Other instances of this workspace that the runtime knows; there should be none.
    pub strays: Vec<InstanceId>,
    /// The content.
    pub volume: VolumeFact,
    /// The supervisor, if it ever spoke.
    pub supervisor: Option<SupervisorFacts>,
    /// The effects of the current instance.
    pub effects: Effects,
    /// Last sign of a user.
    pub last_activity: Option<Timestamp>,
    /// When the user closed the editor, if that was the last sign.
    pub closed_at: Option<Timestamp>,
    /// How many processes of the current instance the kernel killed for memory so far.
    pub memory_kills: u64,
    /// How much memory the workspace's class allows, in bytes.
    pub memory_limit: Option<u64>,
    /// A random token, for a new instance's owner token.
    pub token: Secret<String>,
}

impl Facts {
    /// Nothing is there, nothing happened.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            instance: InstanceFact::Absent,
            strays: Vec::new(),
            volume: VolumeFact::Unknown,
            supervisor: None,
            effects: Effects::default(),
            last_activity: None,
            closed_at: None,
            memory_kills: 0,
            memory_limit: None,
            token: Secret::default(),
        }
    }
}
