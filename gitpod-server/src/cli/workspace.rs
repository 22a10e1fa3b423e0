//! `gitpod workspace …`

mod create;
mod delete;
mod exec;
mod list;
mod logs;
mod open;
mod port;
mod share;
mod start;
mod wait;

use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::workspace_phase::Phase;
use gitpod_core::proto::gitpod::v1::{Workspace, WorkspaceStatus};

use super::arguments::{self, Format, Global};
use super::connection::Connection;
use super::failure::Failure;
use super::output;
use super::table::{plain, table};

pub(super) async fn run(
    global: &Global,
    command: arguments::Workspace,
) -> Result<ExitCode, Failure> {
    use arguments::Workspace as Command;
    let connection = Connection::open(global)?;
    let format = global.output;
    match command {
        Command::Create(options) => create::run(&connection, format, options).await,
        Command::List(options) => list::run(&connection, format, options).await,
        Command::Get(options) => get(&connection, format, &options.id).await,
        Command::Start(options) => start::start(&connection, format, options).await,
        Command::Stop(options) => start::stop(&connection, format, options).await,
        Command::Delete(options) => delete::run(&connection, format, options).await,
        Command::Open(options) => open::run(&connection, options).await,
        Command::Logs(options) => logs::run(&connection, options).await,
        Command::Exec(options) => exec::run(&connection, options).await,
        Command::Port(options) => port::run(&connection, format, options).await,
        Command::Share(options) => share::share(&connection, format, &options).await,
        Command::Unshare(options) => share::unshare(&connection, format, &options.id).await,
    }
}

async fn get(connection: &Connection, format: Format, id: &str) -> Result<ExitCode, Failure> {
    let workspace = connection.workspace(id).await?;
    if format == Format::Json {
        output::json(&workspace)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(describe(&workspace))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the workspace as JSON, or its id and address.
fn tell(format: Format, workspace: &Workspace) -> Result<(), Failure> {
    match format {
        Format::Json => output::json(workspace),
        Format::Table => output::line(format_args!(
            "{}  {}",
            workspace.id, workspace.status.workspace_url
        )),
    }
}

/// `running`, `stopped`, …
fn state(status: &WorkspaceStatus) -> String {
    let name = match status.phase.name.as_known() {
        Some(Phase::PHASE_IMAGEBUILD) => "building",
        Some(phase) => return lower(&format!("{phase:?}")),
        None => "unknown",
    };
    name.to_owned()
}

fn lower(name: &str) -> String {
    name.trim_start_matches("PHASE_").to_lowercase()
}

fn describe(workspace: &Workspace) -> String {
    let (status, metadata) = (&workspace.status, &workspace.metadata);
    let mut rows = vec![
        row("id", &workspace.id),
        row("name", &metadata.name),
        row("context", &metadata.context_title),
        row("url", &metadata.original_context_url),
        row("state", &state(status)),
        row("failed", &status.conditions.failed),
        row("hint", &status.failure_hint),
        row("address", &status.workspace_url),
        row("editor", &status.editor.label),
        row("trouble", &status.editor.trouble),
        row("hint", &status.editor.trouble_hint),
        row("class", &workspace.spec.class),
        row("configured by", &metadata.configured_by),
        row("shared", share::describe(workspace)),
        row("branch", &status.git_status.branch),
        row("changes", &changes(status)),
    ];
    let ports = status.ports.iter().filter(|port| port.served);
    rows.extend(ports.map(|port| row("port", &port::describe(port))));
    for task in &status.tasks {
        rows.push(row("task", &task.name));
        rows.push(row("", &task.failure));
    }
    let mut warnings: Vec<_> = status.warnings.iter().chain(&metadata.warnings).collect();
    warnings.dedup();
    rows.extend(warnings.into_iter().map(|warning| row("warning", warning)));
    let remarks = metadata.configuration_remarks.iter();
    rows.extend(remarks.map(|remark| row("note", remark)));
    if let Some(trouble) = status.stop_trouble.as_option() {
        let tried = format!(
            "cannot {} ({} attempts): {}",
            trouble.what, trouble.attempts, trouble.message
        );
        rows.push(row("trouble", &tried));
        rows.push(row("hint", &trouble.hint));
    }
    rows.retain(|[_, value]| !value.is_empty());
    table(["", ""], rows).trim_start_matches('\n').to_owned()
}

fn row(key: &str, value: &str) -> [String; 2] {
    [key.to_owned(), plain(value)]
}

/// What git would lose: `2 uncommitted, 1 unpushed`.
fn changes(status: &WorkspaceStatus) -> String {
    let git = &status.git_status;
    [
        (git.total_uncommited_files, "uncommitted"),
        (git.total_untracked_files, "untracked"),
        (git.total_unpushed_commits, "unpushed"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect::<Vec<_>>()
    .join(", ")
}
