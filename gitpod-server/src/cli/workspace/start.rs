use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::workspace_phase::Phase;
use gitpod_core::proto::gitpod::v1::{
    EditorReference, StartWorkspaceRequest, StopWorkspaceRequest,
};

use super::create::warn;
use super::tell;
use super::wait::{self, Goal};
use crate::cli::arguments::{Format, Start, Waiting};
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;

/// Starts a workspace and waits until it runs.
pub(super) async fn start(
    connection: &Connection,
    format: Format,
    options: Start,
) -> Result<ExitCode, Failure> {
    let Start {
        id,
        editor,
        class,
        wait,
    } = options;
    let editor = editor.map(|name| EditorReference {
        name,
        ..EditorReference::default()
    });
    let request = StartWorkspaceRequest {
        workspace_id: id.clone(),
        editor: editor.into(),
        workspace_class: class.unwrap_or_default(),
        ..StartWorkspaceRequest::default()
    };
    let answer = connection.workspaces()?.start_workspace(request).await?;
    let workspace = answer.into_owned().workspace.into_option();
    let mut workspace =
        workspace.ok_or_else(|| Failure::failed("the server's answer holds no workspace"))?;
    if !wait.no_wait {
        // One that was still stopping starts again once that is over.
        let stopping = workspace.status.phase.name == Phase::PHASE_STOPPING;
        let after = stopping.then(|| workspace.status.instance_id.clone());
        let told = workspace.metadata.warnings.clone();
        workspace = wait::until(connection, &id, &Goal::Running { after }, wait).await?;
        warn(&workspace.status.warnings, &told);
    }
    tell(format, &workspace)?;
    if !wait.no_wait {
        wait::check(&workspace)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Stops a workspace and waits until it is stopped.
pub(super) async fn stop(
    connection: &Connection,
    format: Format,
    options: Waiting,
) -> Result<ExitCode, Failure> {
    let Waiting { id, wait } = options;
    let request = StopWorkspaceRequest {
        workspace_id: id.clone(),
    };
    connection.workspaces()?.stop_workspace(request).await?;
    let workspace = if wait.no_wait {
        connection.workspace(&id).await?
    } else {
        wait::until(connection, &id, &Goal::Stopped, wait).await?
    };
    tell(format, &workspace)?;
    Ok(ExitCode::SUCCESS)
}
