//! What must hold, whatever happens.

use std::fmt;

use gitpod_core::InstanceId;
use gitpod_core::workspace::{Desired, Phase, Workspace};

/// A promise of the platform (architecture §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// At most one live instance of a workspace.
    OneInstance,
    /// No content removed or replaced unless its owner gave it up.
    ContentKept,
    /// No instance without complete content.
    ContentFirst,
    /// Phases move along legal edges, instances change when stopped.
    LegalEdges,
    /// What stopped says why.
    StopHasReason,
    /// A wish is never undone by the platform.
    WishKept,
    /// A replica that lost its lease writes no more.
    Fenced,
    /// Nothing is done for what is stopped.
    StoppedIsQuiet,
    /// Once faults end, everything comes to where its owner wants it, or stopped with a reason.
    Converges,
    /// Events tell the same story as the records.
    EventsTell,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: Rule,
    pub(crate) how: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.how)
    }
}

pub(crate) fn instance(workspace: &Workspace) -> Option<InstanceId> {
    workspace
        .status
        .instance
        .as_ref()
        .map(|instance| instance.id)
}

/// What must hold for each change of a record.
pub(crate) fn check_change(old: &Workspace, new: &Workspace) -> Option<Broken> {
    let (from, to) = (old.status.phase, new.status.phase);
    let broken = |rule, how: String| Some(Broken { rule, how });
    if !from.can_become(to) {
        return broken(
            Rule::LegalEdges,
            format!("{} became {}", from.as_str(), to.as_str()),
        );
    }
    if instance(old) != instance(new) && (from, to) != (Phase::Stopped, Phase::Preparing) {
        return broken(
            Rule::LegalEdges,
            format!("another instance, {} to {}", from.as_str(), to.as_str()),
        );
    }
    if to == Phase::Stopped
        && let Some(instance) = &new.status.instance
        && (instance.stop_reason.is_none() || instance.stopped_at.is_none())
    {
        return broken(Rule::StopHasReason, format!("{:?}", instance.stop_reason));
    }
    if matches!(old.desired, Desired::Deleted { .. }) && old.desired != new.desired {
        return broken(Rule::WishKept, format!("deleted, then {:?}", new.desired));
    }
    if new.fence < old.fence {
        return broken(
            Rule::Fenced,
            format!("{:?} after {:?}", new.fence, old.fence),
        );
    }
    None
}

/// Whether the workspace is where its owner wants it, or stopped with a reason.
pub(crate) fn is_settled(workspace: &Workspace) -> bool {
    let phase = workspace.status.phase;
    match workspace.desired {
        Desired::Running(wanted) => {
            instance(workspace) == Some(wanted) && matches!(phase, Phase::Running | Phase::Stopped)
        }
        Desired::Stopped(_) => phase == Phase::Stopped,
        Desired::Deleted { .. } => false, // it is to be purged
    }
}
