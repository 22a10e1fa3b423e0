//! Plans that are broken on purpose, each in one rule: who watches the simulation.

use gitpod_core::InstanceId;
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{Action, Facts, InstanceFact, Phase, Round, Workspace, decide};

/// Content is removed as soon as nothing runs.
pub(crate) fn content_goes_when_it_stops(old: &Workspace, facts: &Facts, policy: &Policy) -> Round {
    let mut round = decide(old, facts, policy);
    let stopping = round.workspace.status.phase == Phase::Stopping;
    if stopping && facts.instance == InstanceFact::Absent && old.status.ever_ran {
        round.decision.actions.push(Action::RemoveContent);
    }
    round
}

/// An instance that does not answer is taken for lost, and another one is made.
pub(crate) fn another_instance_when_in_doubt(
    old: &Workspace,
    facts: &Facts,
    policy: &Policy,
) -> Round {
    let mut round = decide(old, facts, policy);
    let current = round.workspace.status.instance.as_ref().map(|i| i.id);
    if let (InstanceFact::Unreachable(_), Phase::Running | Phase::Interrupted, Some(current)) =
        (&facts.instance, round.workspace.status.phase, current)
    {
        let (high, low) = current.as_uuid().as_u64_pair();
        let instance = InstanceId::from_uuid(uuid::Uuid::from_u64_pair(high, !low));
        round.decision.actions.push(Action::EnsureInstance {
            instance,
            fresh: false,
        });
    }
    round
}

/// A server that has not heard the supervisor yet takes the workspace for one that only begins.
pub(crate) fn initializes_again(old: &Workspace, facts: &Facts, policy: &Policy) -> Round {
    let mut round = decide(old, facts, policy);
    let runs = matches!(facts.instance, InstanceFact::Running { .. });
    if runs && facts.supervisor.is_none() && round.workspace.status.phase == Phase::Running {
        round.workspace.status.phase = Phase::Initializing;
    }
    round
}
