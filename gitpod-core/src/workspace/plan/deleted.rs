use super::super::effect::after;
use super::super::timeout::Policy;
use super::super::{Action, Decision, Facts, Workspace};
use super::{attempt, content_may_go, wake_at};
use crate::Timestamp;

/// Once the grace time is over the content goes, then the record.
pub(super) fn plan(
    workspace: &Workspace,
    deleted_at: Timestamp,
    facts: &Facts,
    policy: &Policy,
) -> Decision {
    let end = after(deleted_at, policy.deletion_grace);
    if facts.now < end {
        return wake_at(end);
    }
    let mut decision = Decision::quiet();
    let action = if content_may_go(workspace) {
        Action::RemoveContent
    } else {
        Action::Purge
    };
    attempt(&mut decision, facts, policy, action);
    decision
}
