//! The lifecycle of a workspace: records, and the pure decisions over them.
//!
//! `observe` (outside) makes [`Facts`](facts::Facts); [`project`](project::project) turns the old status and the facts into the
//! new status; [`plan`](plan::plan) says what to do about it. Neither does I/O, reads a clock or rolls dice.

mod condition;
mod event;
mod phase;
mod record;
mod status;
mod step;

pub use condition::{ContentState, Failure, FailureReason, StopReason};
pub use event::{Event, EventKind, Sequence};
pub use phase::Phase;
pub use record::{ContextRecord, Desired, Generation, NewWorkspace, Workspace};
pub use status::{InstanceStatus, WorkspaceStatus};
pub use step::{Step, StepKind, StepState};
