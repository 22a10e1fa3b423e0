use gitpod_core::git::GitStatus;
use gitpod_core::port::ServedPort;
use gitpod_core::proto::gitpod::v1 as wire;
use gitpod_core::task::{TaskState, TaskStatus};
use gitpod_core::workspace::{
    Failure, FailureReason, InstanceStatus, Phase, Step, StepState, StopReason, StopTrouble,
    Workspace,
};
use serde::Serialize;

use super::spec::{admission, protocol};
use super::{count, timestamp};
use crate::Platform;

/// The status as clients see it.
pub(in crate::api) fn status_message(
    platform: &Platform,
    workspace: &Workspace,
) -> wire::WorkspaceStatus {
    let status = &workspace.status;
    let url = platform.workspace_url(&workspace.id);
    let mut message = wire::WorkspaceStatus {
        status_version: workspace.generation.0,
        phase: wire::WorkspacePhase {
            name: phase(status.phase).into(),
            last_transition_time: timestamp(status.phase_since).into(),
        }
        .into(),
        git_status: status
            .git
            .as_ref()
            .map(|git| git_status(git, &workspace.spec.context.clone_url))
            .into(),
        conditions: wire::workspace_status::WorkspaceConditions::default().into(),
        timeout_at: platform.stops_at(workspace).map(timestamp).into(),
        ..wire::WorkspaceStatus::default()
    };
    if let Some(instance) = &status.instance {
        tell_instance(&mut message, instance, &url);
    }
    message.workspace_url = url;
    message
}

fn tell_instance(message: &mut wire::WorkspaceStatus, instance: &InstanceStatus, url: &str) {
    message.instance_id = instance.id.to_string();
    message.conditions = conditions(instance).into();
    message.steps = instance.steps.iter().map(step).collect();
    message.ports = instance.ports.iter().map(|p| port(p, url)).collect();
    message.tasks = instance.tasks.iter().map(task).collect();
    let trouble = instance.ide.trouble.as_ref();
    message.editor = wire::WorkspaceEditor {
        id: instance.ide.id.clone(),
        label: instance.ide.label.clone(),
        reason: instance.ide.reason.clone(),
        ready: instance.ide.ready,
        trouble: trouble.map_or_else(String::new, |trouble| trouble.message.clone()),
        trouble_hint: trouble.map_or_else(String::new, |trouble| trouble.hint.clone()),
    }
    .into();
    if let Some(failure) = &instance.failure {
        message.failure_hint = failure.hint.clone().unwrap_or_default();
        message.failure_code = code(&failure.reason);
    }
    message.warnings.clone_from(&instance.warnings);
    message.memory_kills = instance.memory_kills;
    message.stop_trouble = instance.stop_trouble.as_ref().map(stop_trouble).into();
    message.stop_reason = instance.stop_reason.as_ref().map(code).unwrap_or_default();
    message.instance_created_at = timestamp(instance.created_at).into();
    message.instance_started_at = instance.started_at.map(timestamp).into();
}

/// The code that records and JSON use: `git_host_unreachable`.
fn code(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

pub(super) fn phase(phase: Phase) -> wire::workspace_phase::Phase {
    use wire::workspace_phase::Phase as Wire;
    match phase {
        Phase::Preparing => Wire::PHASE_PREPARING,
        Phase::Building => Wire::PHASE_IMAGEBUILD,
        Phase::Pending => Wire::PHASE_PENDING,
        Phase::Creating => Wire::PHASE_CREATING,
        Phase::Initializing => Wire::PHASE_INITIALIZING,
        Phase::Running => Wire::PHASE_RUNNING,
        Phase::Interrupted => Wire::PHASE_INTERRUPTED,
        Phase::Stopping => Wire::PHASE_STOPPING,
        Phase::Stopped => Wire::PHASE_STOPPED,
    }
}

fn conditions(instance: &InstanceStatus) -> wire::workspace_status::WorkspaceConditions {
    let timeout = match instance.stop_reason {
        Some(StopReason::Inactivity) => "nobody used it",
        Some(StopReason::Closed) => "its editor was closed",
        Some(StopReason::Lifetime) => "it reached its longest lifetime",
        _ => "",
    };
    wire::workspace_status::WorkspaceConditions {
        failed: instance
            .failure
            .as_ref()
            .map(|failure| failure.message.clone())
            .unwrap_or_default(),
        failed_reason: failed_reason(instance.failure.as_ref()).into(),
        timeout: timeout.to_owned(),
    }
}

fn failed_reason(
    failure: Option<&Failure>,
) -> wire::workspace_status::workspace_conditions::FailedReason {
    use wire::workspace_status::workspace_conditions::FailedReason as Wire;
    let Some(failure) = failure else {
        return Wire::FAILED_REASON_UNSPECIFIED;
    };
    match failure.reason {
        FailureReason::GitHostUnreachable
        | FailureReason::RepositoryNotFound
        | FailureReason::RepositoryUnusable
        | FailureReason::RevisionNotFound
        | FailureReason::ContentFailed
        | FailureReason::DiskFull => Wire::FAILED_REASON_CONTENT_INITIALIZATION_FAILED,
        FailureReason::ImageUnavailable => Wire::FAILED_REASON_IMAGE_PULL_FAILURE,
        FailureReason::OutOfMemory | FailureReason::Exited | FailureReason::InstanceLost => {
            Wire::FAILED_REASON_UNEXPECTED_TERMINATION
        }
        // The contract knows no closer reason; `failure_code` does.
        _ => Wire::FAILED_REASON_UNSPECIFIED,
    }
}

fn step(step: &Step) -> wire::WorkspaceStep {
    use wire::workspace_step::State;
    let state = match step.state {
        StepState::Pending => State::STATE_PENDING,
        StepState::Running => State::STATE_RUNNING,
        StepState::Done => State::STATE_DONE,
        StepState::Failed => State::STATE_FAILED,
    };
    wire::WorkspaceStep {
        kind: code(&step.kind),
        label: step.kind.label().to_owned(),
        state: state.into(),
        started_at: step.started_at.map(timestamp).into(),
        ended_at: step.ended_at.map(timestamp).into(),
        detail: step.detail.clone(),
    }
}

fn port(port: &ServedPort, workspace_url: &str) -> wire::WorkspacePort {
    wire::WorkspacePort {
        port: port.port.into(),
        admission: admission(port.visibility).into(),
        url: workspace_url.replacen("://", &format!("://{}-", port.port), 1),
        protocol: protocol(port.protocol).into(),
        served: port.served,
        name: port.name.clone().unwrap_or_default(),
        description: port.description.clone().unwrap_or_default(),
        on_open: code(&port.on_open),
    }
}

fn task(task: &TaskStatus) -> wire::WorkspaceTask {
    use wire::workspace_task::State;
    let state = match task.state {
        TaskState::Opening => State::STATE_OPENING,
        TaskState::Running => State::STATE_RUNNING,
        TaskState::Closed => State::STATE_CLOSED,
    };
    wire::WorkspaceTask {
        id: task.id.clone(),
        name: task.name.clone(),
        state: state.into(),
        terminal: task.terminal.clone().unwrap_or_default(),
        exit_code: task.exit_code,
        failure: task.failure.clone().unwrap_or_default(),
    }
}

fn stop_trouble(trouble: &StopTrouble) -> wire::StopTrouble {
    wire::StopTrouble {
        what: trouble.what.clone(),
        since: timestamp(trouble.since).into(),
        attempts: trouble.attempts,
        message: trouble.message.clone(),
        hint: trouble.hint.clone(),
        next: timestamp(trouble.next).into(),
    }
}

fn git_status(git: &GitStatus, clone_url: &str) -> wire::WorkspaceGitStatus {
    wire::WorkspaceGitStatus {
        clone_url: clone_url.to_owned(),
        branch: git.branch.clone(),
        latest_commit: git.latest_commit.clone(),
        uncommited_files: git.uncommitted_files.clone(),
        total_uncommited_files: count(git.total_uncommitted_files),
        untracked_files: git.untracked_files.clone(),
        total_untracked_files: count(git.total_untracked_files),
        unpushed_commits: git.unpushed_commits.clone(),
        total_unpushed_commits: count(git.total_unpushed_commits),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_phase_has_its_own_name() {
        let names: BTreeSet<_> = Phase::ALL.map(|p| phase(p) as i32).into_iter().collect();
        assert_eq!(names.len(), Phase::ALL.len());
        assert_eq!(
            serde_json::to_value(wire::WorkspacePhase {
                name: phase(Phase::Running).into(),
                ..wire::WorkspacePhase::default()
            })
            .unwrap()["name"],
            "PHASE_RUNNING"
        );
    }

    #[test]
    fn codes_are_those_of_the_records() {
        assert_eq!(
            code(&FailureReason::GitHostUnreachable),
            "git_host_unreachable"
        );
        assert_eq!(code(&StopReason::Inactivity), "inactivity");
    }
}
