use std::process::ExitCode;

use futures::StreamExt as _;
use futures::stream;
use gitpod_core::proto::gitpod::v1::WorkspaceTask;
use gitpod_core::proto::supervisor::ListenToOutputRequest;
use gitpod_core::proto::supervisor::task_service_client::TaskServiceClient;

use crate::cli::arguments::Logs;
use crate::cli::connection::{Connection, Supervisor};
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;
use crate::cli::table::plain;

/// Longest line that is held back to be printed whole, among the lines of other tasks.
const LINE: usize = 8 * 1024;

/// Follows the tasks' terminals until they close.
pub(super) async fn run(connection: &Connection, options: Logs) -> Result<ExitCode, Failure> {
    let workspace = connection.workspace(&options.id).await?;
    let supervisor = connection.supervisor(&workspace).await?;
    let tasks = chosen(&workspace.status.tasks, options.task.as_deref())?;
    if tasks.is_empty() {
        output::note("the workspace has no tasks");
        return Ok(ExitCode::SUCCESS);
    }
    let alone = tasks.len() == 1;
    let mut followed = stream::iter(tasks)
        .map(|task| follow(&supervisor, task, alone))
        .buffer_unordered(64);
    let following = async {
        while let Some(result) = followed.next().await {
            result?;
        }
        Ok(ExitCode::SUCCESS)
    };
    tokio::select! {
        ended = following => ended,
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::from(Exit::Interrupted as u8)),
    }
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

async fn follow(supervisor: &Supervisor, task: &WorkspaceTask, alone: bool) -> Result<(), Failure> {
    let mut client =
        TaskServiceClient::with_origin(supervisor.transport.clone(), supervisor.origin.clone());
    let request = supervisor.request(ListenToOutputRequest {
        task_id: task.id.clone(),
    });
    let mut output = client.listen_to_output(request).await?.into_inner();
    let mut lines = Lines::new(&task.name);
    while let Some(message) = output.message().await? {
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
