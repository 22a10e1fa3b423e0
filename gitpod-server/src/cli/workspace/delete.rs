use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::DeleteWorkspaceRequest;

use super::changes;
use crate::cli::arguments::{Delete, Format};
use crate::cli::connection::Connection;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;
use crate::cli::table::plain;

pub(super) async fn run(
    connection: &Connection,
    format: Format,
    options: Delete,
) -> Result<ExitCode, Failure> {
    let Delete { id, yes } = options;
    if !yes && !confirm(connection, &id).await? {
        return Err(Failure::failed("nothing was deleted"));
    }
    let request = DeleteWorkspaceRequest {
        workspace_id: id.clone(),
    };
    let answer = connection.workspaces()?.delete_workspace(request).await?;
    if format == Format::Json {
        output::json(&answer.into_owned())?;
    }
    output::note(format_args!("workspace {id} is deleted"));
    Ok(ExitCode::SUCCESS)
}

/// Asks the person, who is told what would be lost.
async fn confirm(connection: &Connection, id: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(
            Failure::new(Exit::Usage, "nobody is there to confirm the deletion")
                .with_hint("say `--yes`"),
        );
    }
    let workspace = connection.workspace(id).await?;
    let lost = match changes(&workspace.status).as_str() {
        "" => String::new(),
        changes => format!(", with {changes}"),
    };
    output::note(format_args!(
        "Delete workspace {id} ({}){lost}? Type `yes`:",
        plain(&workspace.metadata.context_title)
    ));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(|e| Failure::io("cannot read the answer", &e))?;
    Ok(answer.trim() == "yes")
}
