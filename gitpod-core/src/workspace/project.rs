//! From the old status and the facts to the new status. Pure.

mod changes;
mod editor;
mod failure;
mod memory;
mod phase;
mod steps;
mod stop;

pub(super) use failure::{editor_deadline, start_deadline};
pub(super) use phase::{prepared, wants_git, wants_release};

use super::timeout::{Policy, expiry};
use super::{
    ContentState, Desired, EffectKind, EffectState, EventKind, Facts, InstanceFact, InstanceStatus,
    Outcome, Phase, StopReason, VolumeFact, Workspace, WorkspaceStatus, begin,
};
use crate::clock::elapsed;
use crate::port::{PortSpec, settle};

/// Signs of a user are written down at most this often; between two writes they live in memory.
const ACTIVITY_GRAIN: std::time::Duration = std::time::Duration::from_mins(1);

/// At most this many warnings are kept with an instance.
const MAX_WARNINGS: usize = 50;

/// The workspace with its new status, and the events that tell about the difference.
///
/// # Behavior
/// Changes the status only; the same arguments give the same answer; the phase moves along legal edges only
/// ([`Phase::can_become`]); a stopped workspace that nobody wants to run stays as it is.
pub fn project(old: &Workspace, facts: &Facts, policy: &Policy) -> (Workspace, Vec<EventKind>) {
    let mut new = old.clone();
    project_content(&mut new.status, facts);
    let begun = wanted_anew(&new);
    if let Some(instance) = begun {
        begin(&mut new, instance, facts.token.clone(), facts.now);
    } else if new.status.phase != Phase::Stopped {
        project_instance(&mut new, facts, policy);
    }
    let mut events = Vec::new();
    if let Some(instance) = begun {
        events.push(EventKind::StartRequested { instance });
    }
    changes::describe(&old.status, &new.status, &mut events);
    (new, events)
}

/// The instance that shall run and is not the current one, once the last one is stopped.
fn wanted_anew(workspace: &Workspace) -> Option<crate::InstanceId> {
    let current = workspace.status.instance.as_ref().map(|i| i.id);
    match workspace.desired {
        Desired::Running(wanted)
            if workspace.status.phase == Phase::Stopped && current != Some(wanted) =>
        {
            Some(wanted)
        }
        Desired::Running(_) | Desired::Stopped(_) | Desired::Deleted { .. } => None,
    }
}

fn project_content(status: &mut WorkspaceStatus, facts: &Facts) {
    let removed = matches!(
        facts.effects.get(EffectKind::RemoveContent),
        Some(EffectState::Done { .. })
    );
    if removed {
        status.content = ContentState::Deleted;
    } else if facts.volume == VolumeFact::Complete && status.content == ContentState::Absent {
        status.content = ContentState::Present;
    }
    if let Some(EffectState::Done {
        outcome: Outcome::Git(git),
        ..
    }) = facts.effects.get(EffectKind::Git)
    {
        status.git.clone_from(git);
    } else if let Some(git) = facts.supervisor.as_ref().and_then(|s| s.git.as_ref()) {
        status.git = Some(git.clone());
    }
}

fn project_instance(workspace: &mut Workspace, facts: &Facts, policy: &Policy) {
    let desired = workspace.desired;
    let has_repository = !workspace.spec.context.clone_url.is_empty();
    let status = &mut workspace.status;
    let Some(mut instance) = status.instance.take() else {
        // A record that claims a phase without an instance: nothing can run, so it is stopped.
        status.phase = Phase::Stopped;
        return;
    };
    if matches!(
        facts.instance,
        InstanceFact::Running { .. } | InstanceFact::Exited(_)
    ) {
        status.ever_ran = true;
    }
    observe_supervisor(&mut instance, facts, &workspace.spec.ports);
    note_activity(&mut instance, facts);
    memory::note_kills(&mut instance, facts);
    steps::advance(&mut instance, status.phase, facts, policy);
    if instance.stop_reason.is_none() {
        instance.failure = failure::find(status, &instance, facts, policy);
        instance.stop_reason = stop_reason(desired, status.phase, &instance, facts, policy);
    }
    let next = phase::next(status, &instance, facts, has_repository);
    if next != status.phase {
        status.phase = next;
        status.phase_since = facts.now;
    }
    match next {
        Phase::Running => {
            instance.started_at.get_or_insert(facts.now);
            steps::route(&mut instance, facts.now);
        }
        Phase::Stopping => {
            steps::give_up(&mut instance, facts.now);
            instance.stop_trouble = stop::trouble(&instance, facts, policy);
        }
        Phase::Stopped => {
            stop::note_omissions(&mut instance, facts);
            steps::give_up(&mut instance, facts.now);
            close(&mut instance, facts.now);
        }
        Phase::Preparing
        | Phase::Building
        | Phase::Pending
        | Phase::Creating
        | Phase::Initializing
        | Phase::Interrupted => {}
    }
    status.instance = Some(instance);
}

fn observe_supervisor(instance: &mut InstanceStatus, facts: &Facts, configured: &[PortSpec]) {
    if let Some(EffectState::Done {
        outcome: Outcome::Editor(editor),
        ..
    }) = facts.effects.get(EffectKind::Editor)
    {
        let (ready, trouble) = (instance.ide.ready, instance.ide.trouble.take());
        instance.ide.clone_from(editor);
        (instance.ide.ready, instance.ide.trouble) = (ready, trouble);
    }
    if let Some(EffectState::Done {
        outcome: Outcome::Content(Some(report)),
        ..
    }) = facts.effects.get(EffectKind::Content)
    {
        for warning in &report.warnings {
            if !instance.warnings.contains(warning) && instance.warnings.len() < MAX_WARNINGS {
                instance.warnings.push(warning.clone());
            }
        }
    }
    let running = matches!(facts.instance, InstanceFact::Running { .. });
    if let (Some(supervisor), true) = (&facts.supervisor, running) {
        // A supervisor that was just asked anew has not told all yet; what it told before holds until then.
        editor::observe(&mut instance.ide, &supervisor.editor);
        if let Some(ports) = &supervisor.ports {
            instance.ports = settle(ports, configured, &instance.port_choices);
        }
        if let Some(tasks) = &supervisor.tasks {
            instance.tasks.clone_from(tasks);
        }
    }
}

fn note_activity(instance: &mut InstanceStatus, facts: &Facts) {
    let Some(active) = facts.last_activity else {
        return;
    };
    let worth_a_write = instance
        .last_activity
        .is_none_or(|known| elapsed(known, active) >= ACTIVITY_GRAIN);
    if worth_a_write {
        instance.last_activity = Some(active);
    }
}

/// Why the instance has to stop, if it has to. Once found it stays.
fn stop_reason(
    desired: Desired,
    phase: Phase,
    instance: &InstanceStatus,
    facts: &Facts,
    policy: &Policy,
) -> Option<StopReason> {
    match desired {
        Desired::Deleted { .. } => return Some(StopReason::Deleted),
        Desired::Stopped(reason) => return Some(reason),
        Desired::Running(wanted) if wanted != instance.id => return Some(StopReason::Requested),
        Desired::Running(_) => {}
    }
    if instance.failure.is_some() {
        return Some(StopReason::Failed);
    }
    if phase == Phase::Running {
        let (end, reason) = expiry(instance, facts, policy);
        if end <= facts.now {
            return Some(reason);
        }
    }
    None
}

/// What is no longer true once nothing runs.
fn close(instance: &mut InstanceStatus, now: crate::Timestamp) {
    instance.stopped_at.get_or_insert(now);
    instance.stop_trouble = None;
    instance.ide.ready = false;
    instance.ide.trouble = None;
    instance.ports.retain_mut(|port| {
        port.served = false;
        port.name.is_some()
    });
    for task in &mut instance.tasks {
        task.state = crate::task::TaskState::Closed;
        task.terminal = None;
    }
}
