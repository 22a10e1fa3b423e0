use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::{
    ListWorkspacesRequest, ListWorkspacesResponse, PaginationRequest, Workspace,
};

use super::{changes, state};
use crate::cli::arguments::{Format, List};
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::table::table;

pub(super) async fn run(
    connection: &Connection,
    format: Format,
    options: List,
) -> Result<ExitCode, Failure> {
    let workspaces = all(connection, &options).await?;
    match format {
        Format::Json => output::json(&ListWorkspacesResponse {
            workspaces,
            ..ListWorkspacesResponse::default()
        })?,
        Format::Table if workspaces.is_empty() => {
            output::note("no workspaces; make one: `gitpod workspace create URL`");
        }
        Format::Table => {
            let heading = ["ID", "STATE", "CONTEXT", "BRANCH", "CHANGES", "PORTS"];
            output::line(table(heading, workspaces.iter().map(row).collect()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Every page.
async fn all(connection: &Connection, options: &List) -> Result<Vec<Workspace>, Failure> {
    let client = connection.workspaces()?;
    let mut workspaces = Vec::new();
    let mut token = String::new();
    loop {
        let request = ListWorkspacesRequest {
            pagination: PaginationRequest {
                page_size: 100,
                token,
                ..PaginationRequest::default()
            }
            .into(),
            pinned: options.pinned,
            search_term: options.search.clone(),
            ..ListWorkspacesRequest::default()
        };
        let page = client.list_workspaces(request).await?.into_owned();
        workspaces.extend(page.workspaces);
        token = page.pagination.into_option().unwrap_or_default().next_token;
        if token.is_empty() {
            return Ok(workspaces);
        }
    }
}

fn row(workspace: &Workspace) -> [String; 6] {
    let status = &workspace.status;
    let name = match workspace.metadata.name.as_str() {
        "" => &workspace.metadata.context_title,
        name => name,
    };
    let ports: Vec<String> = status
        .ports
        .iter()
        .filter(|port| port.served)
        .map(|port| port.port.to_string())
        .collect();
    let failed = if status.conditions.failed.is_empty() {
        ""
    } else {
        " (failed)"
    };
    [
        workspace.id.clone(),
        format!("{}{failed}", state(status)),
        name.to_owned(),
        status.git_status.branch.clone(),
        changes(status),
        ports.join(" "),
    ]
}
