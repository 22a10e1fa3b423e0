use super::super::effect::after;
use super::super::project::{wants_git, wants_release};
use super::super::timeout::Policy;
use super::super::{Action, Decision, EffectKind, Facts, InstanceFact, Workspace};
use super::{attempt, wake_at};

/// Preparations are given up, processes ended, the instance removed, git asked; one after the other.
pub(super) fn plan(workspace: &Workspace, facts: &Facts, policy: &Policy) -> Decision {
    let Some(instance) = workspace.status.instance.as_ref().map(|i| i.id) else {
        return Decision::quiet();
    };
    let mut decision = wake_at(after(facts.now, policy.resync));
    for effect in EffectKind::PREPARATION {
        if facts.effects.is_running(effect) {
            decision.actions.push(Action::Cancel { effect });
        }
    }
    if facts.effects.is_running(EffectKind::Instance) {
        return decision; // its end is near and certain; only then is it known what there is to stop
    }
    match &facts.instance {
        InstanceFact::Creating | InstanceFact::Running { .. } => {
            let kill = facts.effects.attempts(EffectKind::Stop) > 0;
            attempt(
                &mut decision,
                facts,
                policy,
                Action::StopInstance { instance, kill },
            );
        }
        InstanceFact::Exited(_) if !facts.effects.is_running(EffectKind::Stop) => {
            attempt(
                &mut decision,
                facts,
                policy,
                Action::RemoveInstance { instance },
            );
        }
        InstanceFact::Exited(_) => {}
        InstanceFact::Absent => {
            let has_repository = !workspace.spec.context.clone_url.is_empty();
            let preparing = EffectKind::PREPARATION
                .into_iter()
                .any(|effect| facts.effects.is_running(effect));
            if has_repository && wants_git(&workspace.status, facts) {
                attempt(&mut decision, facts, policy, Action::ReadGitStatus);
            } else if !preparing && wants_release(&workspace.status, facts) {
                attempt(&mut decision, facts, policy, Action::ReleaseContent);
            }
        }
        InstanceFact::Unreachable(_) => {
            decision.wake = decision.wake.or_at(after(facts.now, policy.backoff(4)));
        }
    }
    decision
}
