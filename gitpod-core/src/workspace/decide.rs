use super::plan::plan;
use super::project::project;
use super::timeout::Policy;
use super::{Decision, Effects, EventKind, Facts, InstanceFact, Workspace};

/// One round of the lifecycle: what the record becomes, what to tell users, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The record with its new status; its generation is that of the old one.
    pub workspace: Workspace,
    /// What to tell users, in the same transaction as the new record.
    pub events: Vec<EventKind>,
    /// What to do once the record is written.
    pub decision: Decision,
}

/// Projects and plans: `Facts → Status → Decision`.
///
/// # Behavior
/// Facts about the last instance say nothing about one that begins in this round; they are left out of its plan. Write
/// [`Round::workspace`] (if it differs) before doing anything of [`Round::decision`]: a crash in between repeats the
/// round, never skips it.
pub fn decide(old: &Workspace, facts: &Facts, policy: &Policy) -> Round {
    let (workspace, events) = project(old, facts, policy);
    let current = |w: &Workspace| w.status.instance.as_ref().map(|i| i.id);
    let decision = if current(old) == current(&workspace) {
        plan(&workspace, facts, policy)
    } else {
        let facts = Facts {
            instance: InstanceFact::Absent,
            supervisor: None,
            effects: Effects::default(),
            memory_kills: 0,
            ..facts.clone()
        };
        plan(&workspace, &facts, policy)
    };
    Round {
        workspace,
        events,
        decision,
    }
}
