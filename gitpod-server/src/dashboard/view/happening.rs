use gitpod_core::Timestamp;
use gitpod_core::workspace::{Event, EventKind, StepState, StopReason};

use super::time::{ago, short};

/// An event, for people.
#[derive(Debug, Clone)]
pub(crate) struct Happening {
    pub(crate) when: String,
    /// RFC 3339.
    pub(crate) at: String,
    pub(crate) what: String,
}

impl Happening {
    /// `None` for events that only say that something else is to be read again.
    pub(crate) fn of(event: &Event, now: Timestamp) -> Option<Self> {
        let what = match &event.kind {
            EventKind::Created => String::from("Created"),
            EventKind::StartRequested { .. } => String::from("Start asked for"),
            EventKind::StopRequested { reason } => format!("To stop: {}", why(*reason)),
            EventKind::PhaseChanged { from, to } => format!("{} → {}", from.as_str(), to.as_str()),
            EventKind::StepChanged { step } => match step.state {
                StepState::Done => {
                    let took = step
                        .duration()
                        .map(|took| format!(" in {}", short(took)))
                        .unwrap_or_default();
                    format!("{}{took}", step.kind.label())
                }
                StepState::Failed => format!("{}: failed", step.kind.label()),
                StepState::Pending | StepState::Running => return None,
            },
            EventKind::Failed { failure } => format!("Failed: {}", failure.message),
            EventKind::Deleted => String::from("Deleted"),
            _ => return None,
        };
        Some(Self {
            when: ago(event.at, now),
            at: event.at.to_string(),
            what,
        })
    }
}

fn why(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Requested => "somebody asked",
        StopReason::Inactivity => "nobody used it",
        StopReason::Closed => "its editor was closed",
        StopReason::Lifetime => "it has run for as long as it may",
        StopReason::Failed => "it failed",
        StopReason::Deleted => "it is being deleted",
        _ => "see the server's log",
    }
}
