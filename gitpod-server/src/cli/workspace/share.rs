use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::update_workspace_request::UpdateWorkspaceSpec;
use gitpod_core::proto::gitpod::v1::{AdmissionLevel, UpdateWorkspaceRequest, Workspace};

use super::tell;
use crate::cli::arguments::{Format, Share};
use crate::cli::connection::Connection;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;

/// Lets others in, after asking.
pub(super) async fn share(
    connection: &Connection,
    format: Format,
    options: &Share,
) -> Result<ExitCode, Failure> {
    if !options.yes && !confirm(&options.id)? {
        return Err(Failure::failed("it is not shared"));
    }
    let everyone = AdmissionLevel::ADMISSION_LEVEL_EVERYONE;
    set(connection, format, &options.id, everyone).await
}

/// Lets nobody but the owner in any more.
pub(super) async fn unshare(
    connection: &Connection,
    format: Format,
    id: &str,
) -> Result<ExitCode, Failure> {
    let owner = AdmissionLevel::ADMISSION_LEVEL_OWNER_ONLY;
    set(connection, format, id, owner).await
}

/// For people; empty unless it is.
pub(super) fn describe(workspace: &Workspace) -> &'static str {
    if workspace.spec.admission == AdmissionLevel::ADMISSION_LEVEL_EVERYONE {
        "with every user of the server"
    } else {
        ""
    }
}

async fn set(
    connection: &Connection,
    format: Format,
    id: &str,
    admission: AdmissionLevel,
) -> Result<ExitCode, Failure> {
    let request = UpdateWorkspaceRequest {
        workspace_id: id.to_owned(),
        spec: UpdateWorkspaceSpec {
            admission: Some(admission.into()),
            ..UpdateWorkspaceSpec::default()
        }
        .into(),
        ..UpdateWorkspaceRequest::default()
    };
    let answer = connection.workspaces()?.update_workspace(request).await?;
    let workspace = answer.into_owned().workspace.into_option();
    tell(format, &workspace.unwrap_or_default())?;
    Ok(ExitCode::SUCCESS)
}

fn confirm(id: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(
            Failure::new(Exit::Usage, "nobody is there to confirm the sharing")
                .with_hint("say `--yes`"),
        );
    }
    output::note(format_args!(
        "Share workspace {id}? Every user of the server who knows its address can enter it then. Inside they are you: they read and \
         change its files and see its variables. Type `yes`:"
    ));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(|e| Failure::io("cannot read the answer", &e))?;
    Ok(answer.trim() == "yes")
}
