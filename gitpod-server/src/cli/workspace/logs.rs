use std::process::ExitCode;
use std::time::Duration;

use connectrpc::ErrorCode;
use futures::StreamExt as _;
use futures::stream;
use gitpod_core::proto::gitpod::v1::workspace_phase::Phase;
use gitpod_core::proto::gitpod::v1::{GetWorkspaceTaskOutputRequest, Workspace, WorkspaceTask};
use gitpod_core::proto::supervisor::ListenToOutputRequest;
use gitpod_core::proto::supervisor::task_service_client::TaskServiceClient;
use tonic::Code;

use crate::cli::arguments::Logs;
use crate::cli::connection::{Connection, Supervisor};
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;
use crate::cli::table::plain;

/// Longest line that is held back to be printed whole, among the lines of other tasks.
const LINE: usize = 8 * 1024;

/// How long to wait for a task whose terminal is not there yet, before asking again.
const PAUSE: Duration = Duration::from_millis(500);

/// Prints what tasks wrote: their terminals' output while the workspace runs, else what was kept of the last run.
pub(super) async fn run(connection: &Connection, options: Logs) -> Result<ExitCode, Failure> {
    let workspace = connection.workspace(&options.id).await?;
    let tasks = chosen(&workspace.status.tasks, options.task.as_deref())?;
    if tasks.is_empty() {
        output::note("the workspace has no tasks");
        return Ok(ExitCode::SUCCESS);
    }
    if is_over(&workspace) {
        return kept(connection, &workspace, &tasks).await;
    }
    let supervisor = connection.supervisor(&workspace).await?;
    let alone = tasks.len() == 1;
    let mut heard = stream::iter(tasks)
        .map(|task| listen(&supervisor, task, alone, options.follow))
        .buffer_unordered(64);
    let listening = async {
        while let Some(result) = heard.next().await {
            result?;
        }
        Ok(())
    };
    let ended = tokio::select! {
        ended = listening => ended,
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::from(Exit::Interrupted as u8)),
    };
    if !options.follow {
        return ended.map(|()| ExitCode::SUCCESS);
    }
    // A connection that broke because the workspace stops is no failure.
    let now = connection.workspace(&options.id).await?;
    if is_over(&now) || now.status.phase.name == Phase::PHASE_STOPPING {
        let why = &now.status.conditions.failed;
        let why = if why.is_empty() {
            &now.status.stop_reason
        } else {
            why
        };
        output::note(format_args!("the workspace stopped: {}", plain(why)));
        return Ok(ExitCode::SUCCESS);
    }
    ended.map(|()| ExitCode::SUCCESS)
}

fn is_over(workspace: &Workspace) -> bool {
    workspace.status.phase.name == Phase::PHASE_STOPPED
}

/// Prints what was kept when the last run ended.
async fn kept(
    connection: &Connection,
    workspace: &Workspace,
    tasks: &[&WorkspaceTask],
) -> Result<ExitCode, Failure> {
    output::note("the workspace is stopped; this is what its tasks wrote last");
    for task in tasks {
        let request = GetWorkspaceTaskOutputRequest {
            workspace_id: workspace.id.clone(),
            task_id: task.id.clone(),
        };
        let answer = connection
            .workspaces()?
            .get_workspace_task_output(request)
            .await;
        let data = match answer {
            Ok(answer) => answer.into_owned().data,
            Err(error) if error.code == ErrorCode::NotFound => {
                output::note(format_args!("nothing of {} is kept", plain(&task.name)));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if tasks.len() == 1 {
            output::write(&data)?;
        } else {
            let mut lines = Lines::new(&task.name);
            output::write(&lines.push(&data))?;
            output::write(&lines.rest())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen<'a>(
    tasks: &'a [WorkspaceTask],
    wanted: Option<&str>,
) -> Result<Vec<&'a WorkspaceTask>, Failure> {
    let Some(wanted) = wanted else {
        return Ok(tasks.iter().collect());
    };
    let found: Vec<_> = tasks
        .iter()
        .filter(|task| task.name == wanted || task.id == wanted)
        .collect();
    if found.is_empty() {
        let names: Vec<_> = tasks.iter().map(|task| plain(&task.name)).collect();
        return Err(
            Failure::new(Exit::NotFound, format!("no task is called {wanted}"))
                .with_hint(format!("there are: {}", names.join(", "))),
        );
    }
    Ok(found)
}

/// Prints what the task wrote, and with `follow` what it writes, to the end of its terminal.
async fn listen(
    supervisor: &Supervisor,
    task: &WorkspaceTask,
    alone: bool,
    follow: bool,
) -> Result<(), Failure> {
    let mut client =
        TaskServiceClient::with_origin(supervisor.transport.clone(), supervisor.origin.clone());
    let mut heard = loop {
        let request = supervisor.request(ListenToOutputRequest {
            task_id: task.id.clone(),
            until_now: !follow,
        });
        match client.listen_to_output(request).await {
            Ok(answer) => break answer.into_inner(),
            // Tasks start once the editor is ready.
            Err(status) if status.code() == Code::FailedPrecondition => {
                if !follow {
                    output::note(format_args!("{} has not started yet", plain(&task.name)));
                    return Ok(());
                }
                tokio::time::sleep(PAUSE).await;
            }
            Err(status) => return Err(status.into()),
        }
    };
    let mut lines = Lines::new(&task.name);
    while let Some(message) = heard.message().await? {
        if alone {
            output::write(&message.data)?;
        } else {
            output::write(&lines.push(&message.data))?;
        }
    }
    output::write(&lines.rest())
}

/// Marks each line with its task.
struct Lines {
    mark: Vec<u8>,
    held: Vec<u8>,
}

impl Lines {
    fn new(name: &str) -> Self {
        Self {
            mark: format!("{} | ", plain(name)).into_bytes(),
            held: Vec::new(),
        }
    }

    /// The lines that `data` completes.
    fn push(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for &byte in data {
            self.held.push(byte);
            if byte == b'\n' || self.held.len() >= LINE {
                self.flush(&mut out);
            }
        }
        out
    }

    /// What is left at the end.
    fn rest(mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.held.is_empty() {
            self.flush(&mut out);
        }
        out
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.mark);
        out.append(&mut self.held);
        if out.last() != Some(&b'\n') {
            out.push(b'\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_several_tasks_stay_whole() {
        let mut lines = Lines::new("web");
        assert!(lines.push(b"one").is_empty());
        assert_eq!(lines.push(b" line\nand"), b"web | one line\n");
        assert_eq!(lines.rest(), b"web | and\n");
    }
}
