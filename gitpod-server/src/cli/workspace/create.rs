use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::{
    CreateAndStartWorkspaceRequest, EditorReference, WorkspaceMetadata,
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
    warn(&workspace.metadata.warnings, &[]);
    if wait.no_wait {
        tell(format, &workspace)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::note(format_args!("workspace {}", workspace.id));
    let goal = Goal::Running { after: None };
    let running = wait::until(connection, &workspace.id, &goal, wait).await?;
    warn(&running.status.warnings, &workspace.metadata.warnings);
    tell(format, &running)?;
    wait::check(&running)?;
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

/// Things the person should know, such as unknown keys of the configuration, without those that were `told` already.
pub(super) fn warn(warnings: &[String], told: &[String]) {
    for warning in warnings.iter().filter(|warning| !told.contains(warning)) {
        output::note(format_args!("warning: {}", plain(warning)));
    }
}
