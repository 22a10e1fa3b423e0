use std::path::{Path, PathBuf};

use gitpod_content::Volumes;
use gitpod_core::workspace::Workspace;
use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};

/// Bytes kept of a task's output; the supervisor keeps as many.
const MOST: u64 = 256 * 1024;

/// The output of tasks of workspaces that do not run: taken from the volume when an instance has ended, so that neither the
/// volume nor an instance is needed to read it.
#[derive(Debug, Clone)]
pub(crate) struct TaskLogs {
    directory: PathBuf,
}

impl TaskLogs {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Takes over what the tasks of the last instance wrote. The supervisor left it in the volume.
    pub(super) async fn take(&self, volumes: &dyn Volumes, workspace: &Workspace) -> Result<()> {
        let instance = workspace.status.instance.as_ref();
        let tasks = instance.into_iter().flat_map(|instance| &instance.tasks);
        for task in tasks {
            let Some(place) = self.place(&workspace.id, &task.id) else {
                continue;
            };
            let path = format!(".gitpod/task-log-{}", task.id);
            let Some(output) = volumes.read(&workspace.id, &path, MOST).await? else {
                continue;
            };
            write(&place, &output)
                .await
                .map_err(|e| failed("cannot keep the output of a task", &place, e))?;
        }
        Ok(())
    }

    /// What is kept of a task's output.
    pub(crate) async fn read(&self, id: &WorkspaceId, task: &str) -> Result<Option<Vec<u8>>> {
        let Some(place) = self.place(id, task) else {
            return Ok(None);
        };
        match tokio::fs::read(&place).await {
            Ok(output) => Ok(Some(output)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed("cannot read the output of a task", &place, e)),
        }
    }

    /// Forgets all output of a workspace.
    pub(super) async fn remove(&self, id: &WorkspaceId) -> Result<()> {
        let directory = self.directory.join(id.as_str());
        match tokio::fs::remove_dir_all(&directory).await {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("cannot remove the output of tasks", &directory, e))
            }
            _ => Ok(()),
        }
    }

    /// Ids of tasks come from the instance, which is not trusted with the names of files.
    fn place(&self, id: &WorkspaceId, task: &str) -> Option<PathBuf> {
        let plain = (1..=8).contains(&task.len()) && task.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| self.directory.join(id.as_str()).join(task))
    }
}

/// Whole or not at all.
async fn write(place: &Path, output: &[u8]) -> std::io::Result<()> {
    if let Some(directory) = place.parent() {
        tokio::fs::create_dir_all(directory).await?;
    }
    let new = place.with_extension("new");
    tokio::fs::write(&new, output).await?;
    tokio::fs::rename(&new, place).await
}

fn failed(what: &'static str, place: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, what)
        .with_context("path", place.display())
        .with_source(error)
}
