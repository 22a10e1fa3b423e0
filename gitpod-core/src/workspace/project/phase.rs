use super::super::timeout::Policy;
use super::super::{
    ContentState, EffectKind, Facts, InstanceFact, InstanceStatus, Phase, Verdict, WorkspaceStatus,
};

/// Where the instance is now.
pub(super) fn next(
    status: &WorkspaceStatus,
    instance: &InstanceStatus,
    facts: &Facts,
    has_repository: bool,
) -> Phase {
    let old = status.phase;
    if instance.stop_reason.is_some() {
        let git_pending = has_repository && wants_git(status, facts);
        return if is_gone(facts) && !git_pending && !wants_release(status, facts) {
            Phase::Stopped
        } else {
            Phase::Stopping
        };
    }
    let target = match &facts.instance {
        InstanceFact::Unreachable(_) if matches!(old, Phase::Running | Phase::Interrupted) => {
            Phase::Interrupted
        }
        InstanceFact::Running { .. } if old == Phase::Interrupted || instance.ide.ready => {
            Phase::Running
        }
        InstanceFact::Running { .. } => Phase::Initializing,
        InstanceFact::Absent if prepared(facts) => Phase::Creating,
        InstanceFact::Creating => Phase::Creating,
        InstanceFact::Absent | InstanceFact::Exited(_) | InstanceFact::Unreachable(_) => old,
    };
    if old.can_become(target) {
        target
    } else if old == Phase::Preparing && target == Phase::Running {
        Phase::Initializing // no edge leads straight there; the next round takes the second one
    } else {
        old
    }
}

/// Whether image, editor and content are ready.
pub(in super::super) fn prepared(facts: &Facts) -> bool {
    EffectKind::PREPARATION
        .into_iter()
        .all(|kind| facts.effects.verdict(kind, 1, &Policy::default()) == Verdict::Done)
}

/// Whether nothing of the instance is there any more, nor can come.
fn is_gone(facts: &Facts) -> bool {
    let coming = EffectKind::PREPARATION
        .into_iter()
        .chain([EffectKind::Instance, EffectKind::Stop, EffectKind::Remove])
        .any(|kind| facts.effects.is_running(kind));
    facts.instance == InstanceFact::Absent && !coming
}

/// Whether the node has yet to let go of the content, be it only half fetched; tried once, since the next start takes hold of it
/// again anyway.
pub(in super::super) fn wants_release(status: &WorkspaceStatus, facts: &Facts) -> bool {
    status.content != ContentState::Deleted
        && matches!(
            facts
                .effects
                .verdict(EffectKind::Release, 1, &Policy::default()),
            Verdict::Todo | Verdict::Running
        )
}

/// Whether git has yet to be asked what the instance left.
pub(in super::super) fn wants_git(status: &WorkspaceStatus, facts: &Facts) -> bool {
    status.ever_ran
        && status.content == ContentState::Present
        && matches!(
            facts
                .effects
                .verdict(EffectKind::Git, 1, &Policy::default()),
            Verdict::Todo | Verdict::Running
        )
}
