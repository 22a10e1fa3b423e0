use serde::{Deserialize, Serialize};

use super::{Failure, Phase, Step, StopReason};
use crate::{InstanceId, Timestamp, WorkspaceId};

/// Position of an event in the installation's stream; grows, without promise of density.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// Something that happened, for users and audit. Output only: no decision reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Where it stands; assigned by the store.
    pub sequence: Sequence,
    /// To which workspace.
    pub workspace: WorkspaceId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The workspace was recorded.
    Created,
    /// A start was asked for.
    StartRequested {
        /// Of this instance.
        instance: InstanceId,
    },
    /// A stop was asked for, by a person or a rule.
    StopRequested {
        /// Why.
        reason: StopReason,
    },
    /// The phase changed.
    PhaseChanged {
        /// Before.
        from: Phase,
        /// After.
        to: Phase,
    },
    /// A step of a start began, ended or failed.
    StepChanged {
        /// The step, as it is now.
        step: Step,
    },
    /// The instance failed.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Ports, tasks, editor, git state, name or settings changed: read the record again.
    Updated,
    /// The workspace was deleted (softly).
    Deleted,
}
