//! From a status and the facts to what to do. Pure.

mod deleted;
mod running;
mod starting;
mod stopping;

use super::timeout::Policy;
use super::{
    Action, ContentState, Decision, Desired, EffectKind, Facts, Phase, Verdict, Wake, Workspace,
};

/// What to do about a workspace whose status is up to date with `facts` (see [`project`](super::project::project)).
///
/// # Behavior
/// The same arguments give the same decision. An effect that is under way, or waits for its next attempt, is not begun again.
/// Content is removed only after its owner deleted the workspace and the grace time is over. A stopped workspace that is
/// not deleted gets no action at all, but for instances that should not exist.
pub fn plan(workspace: &Workspace, facts: &Facts, policy: &Policy) -> Decision {
    let mut decision = match workspace.status.phase {
        Phase::Preparing
        | Phase::Building
        | Phase::Pending
        | Phase::Creating
        | Phase::Initializing => starting::plan(workspace, facts, policy),
        Phase::Running | Phase::Interrupted => running::plan(workspace, facts, policy),
        Phase::Stopping => stopping::plan(workspace, facts, policy),
        Phase::Stopped => match workspace.desired {
            Desired::Deleted { at } => deleted::plan(workspace, at, facts, policy),
            Desired::Running(_) | Desired::Stopped(_) => Decision::quiet(),
        },
    };
    for stray in &facts.strays {
        attempt(
            &mut decision,
            facts,
            policy,
            Action::RemoveStray { instance: *stray },
        );
    }
    decision
}

/// Whether a reconcile driver has to look at the workspace after a restart, because something is under way, runs, or will
/// have to be done later.
pub fn needs_attention(workspace: &Workspace) -> bool {
    let current = workspace.status.instance.as_ref().map(|i| i.id);
    workspace.status.phase != Phase::Stopped
        || match workspace.desired {
            Desired::Running(wanted) => current != Some(wanted),
            Desired::Stopped(_) => false,
            Desired::Deleted { .. } => true,
        }
}

/// Whether the content may go.
fn content_may_go(workspace: &Workspace) -> bool {
    workspace.status.content != ContentState::Deleted
}

/// Adds an action whose effect is due; tries for ever, with backoff.
fn attempt(decision: &mut Decision, facts: &Facts, policy: &Policy, action: Action) {
    attempt_at_most(decision, facts, policy, u32::MAX, action);
}

/// Adds an action whose effect is due and worth another attempt; otherwise sees to it that somebody looks again in time.
fn attempt_at_most(
    decision: &mut Decision,
    facts: &Facts,
    policy: &Policy,
    limit: u32,
    action: Action,
) {
    let Some(effect) = action.effect() else {
        decision.actions.push(action);
        return;
    };
    match verdict(facts, policy, limit, effect) {
        Verdict::Todo => decision.actions.push(action),
        Verdict::RetryAt(time) if time <= facts.now => decision.actions.push(action),
        Verdict::RetryAt(time) => decision.wake = decision.wake.or_at(time),
        Verdict::Running | Verdict::Done | Verdict::Exhausted => {}
    }
}

/// As [`Effects::verdict`](super::Effects::verdict); an effect that is to go on for ever retries what claims to be hopeless, too.
fn verdict(facts: &Facts, policy: &Policy, limit: u32, effect: EffectKind) -> Verdict {
    let verdict = facts.effects.verdict(effect, limit, policy);
    if verdict == Verdict::Exhausted && limit == u32::MAX {
        let attempts = facts.effects.attempts(effect);
        let ended = match facts.effects.get(effect) {
            Some(super::EffectState::Failed { ended_at, .. }) => *ended_at,
            _ => facts.now,
        };
        return Verdict::RetryAt(super::effect::after(ended, policy.backoff(attempts)));
    }
    verdict
}

/// A decision without actions that looks again at `time`.
fn wake_at(time: crate::Timestamp) -> Decision {
    Decision {
        actions: Vec::new(),
        wake: Wake::At(time),
    }
}
