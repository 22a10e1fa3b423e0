//! `gp`, the command line inside a workspace: what it can tell without the platform.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use gitpod_core::proto::supervisor::info_service_client::InfoServiceClient;
use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::proto::supervisor::workspace_info_response::WorkspaceLocation;
use gitpod_core::proto::supervisor::{
    PortsStatusRequest, TasksStatusRequest, WorkspaceInfoRequest,
};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::cli::{complain, say};

const USAGE: &str = "\
usage: gp info          about this workspace
       gp url [PORT]    address of this workspace, or of a port of it
       gp ports list    ports that are served or configured
       gp tasks list    tasks and how far they are
       gp version
";

/// Runs `gp` with `arguments`.
pub(super) fn main(arguments: &[OsString]) -> ExitCode {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy())
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    let outcome = match arguments.as_slice() {
        ["url"] => url(None),
        ["url", port] => url(Some(port)),
        ["info"] => ask(info),
        ["ports", "list"] => ask(ports),
        ["tasks", "list"] => ask(tasks),
        ["version" | "--version"] => Ok(concat!(env!("CARGO_PKG_VERSION"), "\n").to_owned()),
        ["help" | "--help" | "-h"] => Ok(USAGE.to_owned()),
        _ => {
            complain(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            complain(&format!("gp: {problem}"));
            ExitCode::FAILURE
        }
    }
}

fn url(port: Option<&str>) -> Result<String, String> {
    let workspace = env::var("GITPOD_WORKSPACE_URL")
        .map_err(|_| "this is no workspace: GITPOD_WORKSPACE_URL is not set")?;
    let Some(port) = port else {
        return Ok(format!("{workspace}\n"));
    };
    let port: u16 = port.parse().map_err(|_| format!("{port} is no port"))?;
    let (scheme, rest) = workspace
        .split_once("://")
        .ok_or("GITPOD_WORKSPACE_URL is no URL")?;
    Ok(format!("{scheme}://{port}-{rest}\n"))
}

/// Connects to the supervisor and asks it.
fn ask<F>(question: impl FnOnce(Channel) -> F) -> Result<String, String>
where
    F: Future<Output = Result<String, Status>>,
{
    let address = env::var("SUPERVISOR_ADDR").unwrap_or_else(|_| String::from("localhost:22999"));
    // No resolver in a static executable; the supervisor is here anyway.
    let address = address.replacen("localhost", "127.0.0.1", 1);
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .map_err(|_| format!("{address} is no address"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let channel = endpoint.connect().await.map_err(|_| {
            format!("the supervisor does not answer at {address}; run gp inside a workspace")
        })?;
        question(channel)
            .await
            .map_err(|status| status.message().to_owned())
    })
}

async fn info(channel: Channel) -> Result<String, Status> {
    let info = InfoServiceClient::new(channel)
        .workspace_info(WorkspaceInfoRequest {})
        .await?
        .into_inner();
    let location = match info.workspace_location {
        Some(
            WorkspaceLocation::WorkspaceLocationFile(path)
            | WorkspaceLocation::WorkspaceLocationFolder(path),
        ) => path,
        None => info.checkout_location,
    };
    Ok(table(&[
        ["Workspace", &info.workspace_id],
        ["Instance", &info.instance_id],
        ["URL", &info.workspace_url],
        ["Context", &info.workspace_context_url],
        ["Files", &location],
        ["Editor", &info.ide_alias],
        ["Class", &info.workspace_class.unwrap_or_default().id],
        ["Platform", &info.gitpod_host],
    ]))
}

async fn ports(channel: Channel) -> Result<String, Status> {
    let request = PortsStatusRequest { observe: false };
    let mut stream = StatusServiceClient::new(channel)
        .ports_status(request)
        .await?
        .into_inner();
    let ports = stream.message().await?.unwrap_or_default().ports;
    let rows: Vec<[String; 4]> = ports
        .iter()
        .map(|port| {
            let exposed = port.exposed.clone().unwrap_or_default();
            let served = if port.served { "served" } else { "not served" };
            let visibility = exposed.visibility().as_str_name();
            [
                port.local_port.to_string(),
                format!("{served}, {visibility}"),
                port.name.clone(),
                exposed.url,
            ]
        })
        .collect();
    Ok(table(&rows))
}

async fn tasks(channel: Channel) -> Result<String, Status> {
    let request = TasksStatusRequest { observe: false };
    let mut stream = StatusServiceClient::new(channel)
        .tasks_status(request)
        .await?
        .into_inner();
    let tasks = stream.message().await?.unwrap_or_default().tasks;
    let rows: Vec<[String; 4]> = tasks
        .iter()
        .map(|task| {
            let name = task.presentation.clone().unwrap_or_default().name;
            let ended = task
                .exit_code
                .map_or_else(String::new, |code| format!("exit code {code}"));
            [
                name,
                task.state().as_str_name().to_owned(),
                ended,
                task.terminal.clone(),
            ]
        })
        .collect();
    Ok(table(&rows))
}

/// Columns as wide as what is in them.
fn table<S: AsRef<str>, const N: usize>(rows: &[[S; N]]) -> String {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].as_ref().chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[S; N]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{:width$}", cell.as_ref()))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
