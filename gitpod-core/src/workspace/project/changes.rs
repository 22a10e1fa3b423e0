use super::super::{EventKind, StopReason, WorkspaceStatus};

/// Appends the events that tell the difference.
pub(super) fn describe(old: &WorkspaceStatus, new: &WorkspaceStatus, events: &mut Vec<EventKind>) {
    let before = old.instance.as_ref();
    let Some(after) = new.instance.as_ref() else {
        if old != new {
            events.push(EventKind::Updated);
        }
        return;
    };
    let before = before.filter(|before| before.id == after.id);
    let known_reason = before.and_then(|before| before.stop_reason);
    match after.stop_reason {
        // The caller who wrote the wish told about these.
        None | Some(StopReason::Requested | StopReason::Deleted) => {}
        reason if reason == known_reason => {}
        Some(reason) => events.push(EventKind::StopRequested { reason }),
    }
    for step in &after.steps {
        let known = before.is_some_and(|before| before.steps.contains(step));
        let untouched = step.started_at.is_none();
        if !known && !untouched {
            events.push(EventKind::StepChanged { step: step.clone() });
        }
    }
    if let Some(failure) = &after.failure
        && before.is_none_or(|before| before.failure.as_ref() != Some(failure))
    {
        events.push(EventKind::Failed {
            failure: failure.clone(),
        });
    }
    if old.phase != new.phase {
        events.push(EventKind::PhaseChanged {
            from: old.phase,
            to: new.phase,
        });
    }
    let same_details = before.is_some_and(|before| {
        before.ports == after.ports
            && before.tasks == after.tasks
            && before.ide == after.ide
            && before.warnings == after.warnings
            && before.stop_trouble == after.stop_trouble
            && before.last_activity == after.last_activity
    });
    if !same_details || old.git != new.git || old.content != new.content {
        events.push(EventKind::Updated);
    }
}
