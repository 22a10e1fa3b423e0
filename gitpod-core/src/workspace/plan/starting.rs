use super::super::effect::after;
use super::super::project::{editor_deadline, prepared, start_deadline};
use super::super::timeout::Policy;
use super::super::{Action, ContentState, Decision, Facts, InstanceFact, Phase, Workspace};
use super::{attempt_at_most, wake_at};

/// Image, editor and content are made ready side by side; then the instance; then its supervisor is listened to.
pub(super) fn plan(workspace: &Workspace, facts: &Facts, policy: &Policy) -> Decision {
    let Some(instance) = &workspace.status.instance else {
        return Decision::quiet();
    };
    let mut decision = wake_at(start_deadline(instance, policy));
    if let Some(end) = editor_deadline(instance, policy) {
        decision.wake = decision.wake.or_at(end);
    }
    let limit = policy.start_attempts;
    let mut attempt =
        |decision: &mut Decision, action| attempt_at_most(decision, facts, policy, limit, action);
    match &facts.instance {
        InstanceFact::Absent => {
            prepare(workspace, &mut decision, &mut attempt);
            if workspace.status.phase == Phase::Creating && prepared(facts) {
                let instance = instance.id;
                let fresh = !workspace.status.ever_ran;
                attempt(&mut decision, Action::EnsureInstance { instance, fresh });
            }
        }
        InstanceFact::Running { .. } => {
            decision.actions.push(Action::WatchSupervisor {
                instance: instance.id,
            });
            decision.wake = decision.wake.or_at(after(facts.now, policy.resync));
        }
        // Another call, perhaps of a server that died, is making it: ask again soon in case the hint gets lost.
        InstanceFact::Creating | InstanceFact::Unreachable(_) => {
            decision.wake = decision.wake.or_at(after(facts.now, policy.backoff(3)));
        }
        InstanceFact::Exited(_) => {}
    }
    decision
}

/// These are needed to make the instance; the memory of them dies with a server, so they may be asked for once more.
fn prepare(
    workspace: &Workspace,
    decision: &mut Decision,
    attempt: &mut impl FnMut(&mut Decision, Action),
) {
    attempt(
        decision,
        Action::EnsureImage {
            image: workspace.spec.image.clone(),
        },
    );
    attempt(
        decision,
        Action::EnsureEditor {
            editor: workspace.spec.editor.clone(),
        },
    );
    let content = match workspace.status.content {
        ContentState::Absent => Action::InitContent {
            source: workspace.spec.source.clone(),
        },
        ContentState::Present | ContentState::Deleted => Action::OpenContent,
    };
    attempt(decision, content);
}
