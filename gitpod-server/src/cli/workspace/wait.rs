//! Waiting for a workspace, over the stream of its status; a server that restarts in between is no end.

use std::time::Duration;

use connectrpc::ErrorCode;
use gitpod_core::proto::gitpod::v1::workspace_phase::Phase;
use gitpod_core::proto::gitpod::v1::{WatchWorkspaceStatusRequest, Workspace, WorkspaceStatus};

use crate::cli::arguments::Wait;
use crate::cli::connection::Connection;
use crate::cli::failure::{Exit, Failure};
use crate::cli::progress::Progress;

/// Between two tries to reach the server again.
const PAUSE: Duration = Duration::from_millis(500);

/// What is waited for.
#[derive(Debug, Clone)]
pub(super) enum Goal {
    /// It runs; an end of the instance named here (which a new one follows) is not the end.
    Running { after: Option<String> },
    /// It is stopped.
    Stopped,
}

/// How the wait ended.
enum Verdict {
    Reached,
    Failed,
    NotYet,
}

/// Waits until the workspace is where it shall be, showing the steps.
///
/// A workspace that failed is returned as such: see [`check`].
pub(super) async fn until(
    connection: &Connection,
    id: &str,
    goal: &Goal,
    wait: Wait,
) -> Result<Workspace, Failure> {
    let mut progress = Progress::new();
    let watching = watch(connection, id, goal, &mut progress);
    let ended = tokio::select! {
        ended = tokio::time::timeout(wait.timeout, watching) => ended,
        _ = tokio::signal::ctrl_c() => {
            return Err(Failure::new(Exit::Interrupted, "you stopped waiting; the workspace goes on")
                .with_hint(format!("look at it: `gitpod workspace get {id}`")));
        }
    };
    let Ok(ended) = ended else {
        let seconds = wait.timeout.as_secs();
        return Err(Failure::new(
            Exit::TimedOut,
            format!("workspace {id} was not ready within {seconds} s; it goes on"),
        )
        .with_hint(format!("look at it: `gitpod workspace get {id}`")));
    };
    ended?;
    connection.workspace(id).await
}

async fn watch(
    connection: &Connection,
    id: &str,
    goal: &Goal,
    progress: &mut Progress,
) -> Result<(), Failure> {
    loop {
        let request = WatchWorkspaceStatusRequest {
            workspace_id: id.to_owned(),
        };
        let lost = match connection
            .workspaces()?
            .watch_workspace_status(request)
            .await
        {
            Err(error) => error,
            Ok(mut stream) => loop {
                match stream.message().await {
                    Ok(Some(message)) => {
                        let message = message.to_owned_message();
                        if matches!(goal, Goal::Running { .. }) {
                            progress.show(&message.status);
                        }
                        match verdict(&message.status, goal) {
                            Verdict::Reached | Verdict::Failed => return Ok(()),
                            Verdict::NotYet => {}
                        }
                    }
                    Ok(None) => return Ok(()), // deleted
                    Err(error) => break error,
                }
            },
        };
        let may_return = matches!(
            lost.code,
            ErrorCode::Unavailable | ErrorCode::Internal | ErrorCode::Unknown | ErrorCode::Canceled
        );
        if !may_return {
            return Err(lost.into());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn verdict(status: &WorkspaceStatus, goal: &Goal) -> Verdict {
    let stopped = status.phase.name == Phase::PHASE_STOPPED;
    match goal {
        Goal::Stopped if stopped => Verdict::Reached,
        Goal::Stopped => Verdict::NotYet,
        Goal::Running { .. } if status.phase.name == Phase::PHASE_RUNNING => Verdict::Reached,
        Goal::Running { after } if stopped && after.as_ref() != Some(&status.instance_id) => {
            Verdict::Failed
        }
        Goal::Running { .. } => Verdict::NotYet,
    }
}

/// A workspace that was to run and does not is a failure, with reason and hint.
pub(super) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let status = &workspace.status;
    if status.phase.name == Phase::PHASE_RUNNING {
        return Ok(());
    }
    let reason = match status.conditions.failed.as_str() {
        "" => "it was stopped",
        failed => failed,
    };
    let failure = Failure::new(
        Exit::Unavailable,
        format!("workspace {} does not run: {reason}", workspace.id),
    );
    Err(match status.failure_hint.as_str() {
        "" => failure,
        hint => failure.with_hint(hint),
    })
}

#[cfg(test)]
mod tests {
    use gitpod_core::proto::gitpod::v1::WorkspacePhase;

    use super::*;

    fn status(phase: Phase, instance: &str) -> WorkspaceStatus {
        WorkspaceStatus {
            phase: WorkspacePhase {
                name: phase.into(),
                ..WorkspacePhase::default()
            }
            .into(),
            instance_id: instance.to_owned(),
            ..WorkspaceStatus::default()
        }
    }

    #[test]
    fn the_end_of_the_instance_before_is_not_the_end() {
        let goal = Goal::Running {
            after: Some(String::from("old")),
        };
        let stopped = |instance| verdict(&status(Phase::PHASE_STOPPED, instance), &goal);
        assert!(matches!(stopped("old"), Verdict::NotYet));
        assert!(matches!(stopped("new"), Verdict::Failed));
        let running = verdict(&status(Phase::PHASE_RUNNING, "new"), &goal);
        assert!(matches!(running, Verdict::Reached));
    }
}
