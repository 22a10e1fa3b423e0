use super::super::effect::after;
use super::super::timeout::{Policy, expiry};
use super::super::{Action, Decision, Facts, InstanceFact, Phase, Workspace};
use super::wake_at;

/// Listen to the supervisor, and look again when a limit is reached.
pub(super) fn plan(workspace: &Workspace, facts: &Facts, policy: &Policy) -> Decision {
    let Some(instance) = &workspace.status.instance else {
        return Decision::quiet();
    };
    let mut decision = wake_at(after(facts.now, policy.resync));
    if workspace.status.phase == Phase::Interrupted {
        let end = after(workspace.status.phase_since, policy.interrupted);
        decision.wake = decision
            .wake
            .or_at(end)
            .or_at(after(facts.now, policy.backoff(4)));
        return decision;
    }
    decision.wake = decision.wake.or_at(expiry(instance, facts, policy).0);
    if matches!(facts.instance, InstanceFact::Running { .. }) {
        decision.actions.push(Action::WatchSupervisor {
            instance: instance.id,
        });
    }
    decision
}
