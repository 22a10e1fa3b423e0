//! The lifecycle of a workspace: records, and the pure decisions over them.
//!
//! `observe` (outside) makes [`Facts`]; [`project`](project::project) turns the old status and the facts into the
//! new status; [`plan`](plan::plan) says what to do about it. Neither does I/O, reads a clock or rolls dice.

mod action;
mod begin;
mod condition;
mod decide;
mod effect;
mod event;
mod facts;
mod phase;
pub mod plan;
pub mod project;
mod record;
mod status;
mod step;
pub mod timeout;

pub use action::{Action, Decision, Wake};
pub use begin::begin;
pub use condition::{ContentState, Failure, FailureReason, StopReason};
pub use decide::{Round, decide};
pub use effect::{EffectError, EffectKind, EffectState, Effects, Outcome, Verdict};
pub use event::{Event, EventKind, Sequence};
pub use facts::{EditorFact, Facts, InstanceFact, SupervisorFacts, UserActivity, VolumeFact};
pub use phase::Phase;
pub use record::{ContextRecord, Desired, Generation, NewWorkspace, Workspace};
pub use status::{InstanceStatus, StopTrouble, WorkspaceStatus};
pub use step::{Step, StepKind, StepState};
