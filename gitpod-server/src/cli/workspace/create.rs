use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::{
    CreateAndStartWorkspaceRequest, EditorReference, Workspace, WorkspaceMetadata,
    create_and_start_workspace_request::{ContextURL, Source},
};

use super::tell;
use super::wait::{self, Goal};
use crate::cli::arguments::{Create, Format};
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::table::plain;

pub(super) async fn run(
    connection: &Connection,
    format: Format,
    options: Create,
) -> Result<ExitCode, Failure> {
    let wait = options.wait;
    let answer = connection
        .workspaces()?
        .create_and_start_workspace(request(options))
        .await?;
    let workspace = answer.into_owned().workspace.into_option();
    let workspace =
        workspace.ok_or_else(|| Failure::failed("the server's answer holds no workspace"))?;
    warn(&workspace);
    if wait.no_wait {
        tell(format, &workspace)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::note(format_args!("workspace {}", workspace.id));
    let goal = Goal::Running { after: None };
    let workspace = wait::until(connection, &workspace.id, &goal, wait).await?;
    tell(format, &workspace)?;
    wait::check(&workspace)?;
    Ok(ExitCode::SUCCESS)
}

fn request(options: Create) -> CreateAndStartWorkspaceRequest {
    let editor = options.editor.map(|name| EditorReference {
        name,
        version: String::from("stable"),
        prefer_toolbox: false,
    });
    CreateAndStartWorkspaceRequest {
        metadata: options
            .name
            .map(|name| WorkspaceMetadata {
                name,
                ..WorkspaceMetadata::default()
            })
            .into(),
        source: Some(Source::ContextUrl(Box::new(ContextURL {
            url: options.url,
            workspace_class: options.class.unwrap_or_default(),
            editor: editor.into(),
        }))),
        force_default_config: options.default_config,
    }
}

/// Things the person should know, such as unknown keys of the configuration.
fn warn(workspace: &Workspace) {
    let metadata = &workspace.metadata;
    if !metadata.configured_by.is_empty() {
        output::note(format_args!(
            "configured by {}",
            plain(&metadata.configured_by)
        ));
    }
    for remark in &metadata.configuration_remarks {
        output::note(format_args!("note: {}", plain(remark)));
    }
    for warning in &workspace.metadata.warnings {
        output::note(format_args!("warning: {}", plain(warning)));
    }
}
