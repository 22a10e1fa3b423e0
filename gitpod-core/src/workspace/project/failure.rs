use std::time::Duration;

use super::super::effect::after;
use super::super::timeout::Policy;
use super::super::{
    ContentState, EffectError, EffectKind, EffectState, Facts, Failure, FailureReason,
    InstanceFact, InstanceStatus, Phase, StepKind, Verdict, VolumeFact, WorkspaceStatus,
};
use super::memory::of_limit;
use crate::error::ErrorKind;
use crate::instance::Exit;

/// Its number is the same on every architecture.
const SIGKILL: i32 = 9;
/// The supervisor has the same limit and knows more about the editor: it gets this long to tell first.
const TELLS_FIRST: Duration = Duration::from_secs(10);
const FILES_ARE_KEPT: &str = "start it again; your files are kept";

/// Why the instance has failed, if it has.
pub(super) fn find(
    status: &WorkspaceStatus,
    instance: &InstanceStatus,
    facts: &Facts,
    policy: &Policy,
) -> Option<Failure> {
    missing_content(status, facts)
        .or_else(|| exhausted_effect(facts, policy))
        .or_else(|| lost_or_ended(status, instance, facts, policy))
        .or_else(|| too_slow(status, instance, facts, policy))
}

fn missing_content(status: &WorkspaceStatus, facts: &Facts) -> Option<Failure> {
    let gone = matches!(facts.volume, VolumeFact::Absent | VolumeFact::Incomplete);
    (gone && status.content == ContentState::Present).then(|| {
        Failure::new(
            FailureReason::ContentFailed,
            "the workspace's files are not on this machine any more, so it does not start with others",
        )
        .with_hint("ask the operator to restore the workspace's directory from a backup, or delete the workspace and create it again")
    })
}

fn exhausted_effect(facts: &Facts, policy: &Policy) -> Option<Failure> {
    let mut kinds = vec![EffectKind::Instance];
    kinds.extend(EffectKind::PREPARATION);
    kinds.into_iter().find_map(|kind| {
        let state = facts.effects.get(kind)?;
        let exhausted =
            facts.effects.verdict(kind, policy.start_attempts, policy) == Verdict::Exhausted;
        match state {
            EffectState::Failed { error, .. } if exhausted => Some(of_effect(kind, error)),
            EffectState::Failed { .. } | EffectState::Running { .. } | EffectState::Done { .. } => {
                None
            }
        }
    })
}

fn of_effect(kind: EffectKind, error: &EffectError) -> Failure {
    let reason = match (kind, error.kind) {
        _ if error.disk_full => FailureReason::DiskFull,
        (EffectKind::Image, _) => FailureReason::ImageUnavailable,
        (EffectKind::Editor, _) => FailureReason::EditorNotReady,
        (EffectKind::Content, _) if error.unusable_repository => FailureReason::RepositoryUnusable,
        (EffectKind::Content, ErrorKind::Unavailable | ErrorKind::TimedOut) => {
            FailureReason::GitHostUnreachable
        }
        (EffectKind::Content, ErrorKind::NotFound) if error.about_revision => {
            FailureReason::RevisionNotFound
        }
        (EffectKind::Content, ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
            FailureReason::RepositoryNotFound
        }
        (EffectKind::Content, _) => FailureReason::ContentFailed,
        _ => FailureReason::RuntimeFailed,
    };
    let mut failure = Failure::new(reason, error.message.clone());
    failure.hint = error.hint.clone().or_else(|| {
        (error.retry != crate::Retry::Never).then(|| String::from("try again in a while"))
    });
    failure
}

fn lost_or_ended(
    status: &WorkspaceStatus,
    instance: &InstanceStatus,
    facts: &Facts,
    policy: &Policy,
) -> Option<Failure> {
    match &facts.instance {
        InstanceFact::Exited(exit) => Some(of_exit(exit, instance, facts)),
        InstanceFact::Absent => {
            let made = matches!(
                facts.effects.get(EffectKind::Instance),
                Some(EffectState::Done { .. })
            );
            let was_there = match status.phase {
                Phase::Initializing | Phase::Running | Phase::Interrupted => true,
                Phase::Creating => made,
                Phase::Preparing
                | Phase::Building
                | Phase::Pending
                | Phase::Stopping
                | Phase::Stopped => false,
            };
            was_there.then(|| {
                Failure::new(
                    FailureReason::InstanceLost,
                    "the machine lost the workspace's sandbox, as after a restart of the machine",
                )
                .with_hint(FILES_ARE_KEPT)
            })
        }
        InstanceFact::Unreachable(why)
            if status.phase == Phase::Interrupted
                && after(status.phase_since, policy.interrupted) <= facts.now =>
        {
            Some(
                Failure::new(
                    FailureReason::InstanceLost,
                    format!("the runtime did not answer for too long: {why}"),
                )
                .with_hint(FILES_ARE_KEPT),
            )
        }
        InstanceFact::Unreachable(_) | InstanceFact::Creating | InstanceFact::Running { .. } => {
            None
        }
    }
}

fn of_exit(exit: &Exit, instance: &InstanceStatus, facts: &Facts) -> Failure {
    // Another process may have been killed long before this one ended for a reason of its own.
    let by_kill = exit.signal == Some(SIGKILL) || exit.code == Some(128 + SIGKILL);
    if exit.oom_killed && (by_kill || instance.memory_kills == 0) {
        return Failure::new(
            FailureReason::OutOfMemory,
            format!("killed for memory{}", of_limit(facts.memory_limit)),
        )
        .with_hint(
            "your files are kept: start it again and run less at once, or start it with a larger class \
             (`gitpod workspace start ID --class CLASS`)",
        );
    }
    let how = match (exit.code, exit.signal) {
        (Some(code), _) => format!("with exit code {code}"),
        (None, Some(signal)) => format!("by signal {signal}"),
        (None, None) => String::from("for an unknown reason"),
    };
    let why = exit
        .message
        .as_deref()
        .map(|message| format!(": {message}"))
        .unwrap_or_default();
    Failure::new(
        FailureReason::Exited,
        format!("the workspace's first process ended {how}{why}"),
    )
    .with_hint(FILES_ARE_KEPT)
}

fn too_slow(
    status: &WorkspaceStatus,
    instance: &InstanceStatus,
    facts: &Facts,
    policy: &Policy,
) -> Option<Failure> {
    let starting = matches!(
        status.phase,
        Phase::Preparing | Phase::Building | Phase::Pending | Phase::Creating | Phase::Initializing
    );
    if !starting {
        return None;
    }
    let editor = facts.supervisor.as_ref().map(|s| &s.editor);
    if let Some(why) = editor.and_then(|editor| editor.failed.as_deref()) {
        return Some(editor_failed(instance, why));
    }
    if editor_deadline(instance, policy).is_some_and(|end| end <= facts.now) && !instance.ide.ready
    {
        let why = format!("it did not answer within {}", in_words(policy.editor));
        return Some(editor_failed(instance, &why));
    }
    (start_deadline(instance, policy) <= facts.now).then(|| {
        Failure::new(
            FailureReason::StartTimeout,
            format!("the start took longer than {}", in_words(policy.start)),
        )
        .with_hint("try again; the steps show where the time went")
    })
}

fn editor_failed(instance: &InstanceStatus, why: &str) -> Failure {
    let label = if instance.ide.label.is_empty() {
        "the editor"
    } else {
        &instance.ide.label
    };
    Failure::new(
        FailureReason::EditorNotReady,
        format!("{label} did not start: {why}"),
    )
    .with_hint(
        "your files are kept: start it again, or with another editor (`gitpod workspace start ID --editor terminal`)",
    )
}

/// When a start has taken too long.
pub(in super::super) fn start_deadline(
    instance: &InstanceStatus,
    policy: &Policy,
) -> crate::Timestamp {
    after(instance.created_at, policy.start)
}

/// When the editor has taken too long, once the instance runs.
pub(in super::super) fn editor_deadline(
    instance: &InstanceStatus,
    policy: &Policy,
) -> Option<crate::Timestamp> {
    let runs = instance
        .steps
        .iter()
        .find(|step| step.kind == StepKind::Runtime)?
        .ended_at?;
    Some(after(runs, policy.editor.saturating_add(TELLS_FIRST)))
}

fn in_words(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}
