use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::workspace_port::Protocol as WireProtocol;
use gitpod_core::proto::gitpod::v1::{AdmissionLevel, UpdateWorkspacePortRequest, WorkspacePort};

use crate::cli::arguments::{Format, Port, Protocol};
use crate::cli::connection::Connection;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;

/// Sets what the options say, and prints how the port is then.
pub(super) async fn run(
    connection: &Connection,
    format: Format,
    options: Port,
) -> Result<ExitCode, Failure> {
    let admission = match (options.public, options.private) {
        (true, _) => Some(AdmissionLevel::ADMISSION_LEVEL_EVERYONE),
        (false, true) => Some(AdmissionLevel::ADMISSION_LEVEL_OWNER_ONLY),
        (false, false) => None,
    };
    let protocol = options.protocol.map(|protocol| match protocol {
        Protocol::Http => WireProtocol::PROTOCOL_HTTP,
        Protocol::Https => WireProtocol::PROTOCOL_HTTPS,
    });
    if admission.is_some() || protocol.is_some() {
        let request = UpdateWorkspacePortRequest {
            workspace_id: options.id.clone(),
            port: options.number.into(),
            admission: admission.map(Into::into),
            protocol: protocol.map(Into::into),
        };
        connection
            .workspaces()?
            .update_workspace_port(request)
            .await?;
    }
    let workspace = connection.workspace(&options.id).await?;
    let ports = &workspace.status.ports;
    let port = ports
        .iter()
        .find(|port| port.port == u64::from(options.number));
    let port = port.ok_or_else(|| {
        Failure::new(
            Exit::NotFound,
            format!("nothing serves port {} and nobody set it", options.number),
        )
        .with_hint("it is private; start a program on it, or set it: `--public`, `--private`")
    })?;
    match format {
        Format::Json => output::json(port)?,
        Format::Table => output::line(describe(port))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// `3000 private, served, https  http://3000-…`
pub(super) fn describe(port: &WorkspacePort) -> String {
    let public = port.admission == AdmissionLevel::ADMISSION_LEVEL_EVERYONE;
    let mut said = vec![if public { "public" } else { "private" }];
    if !port.served {
        said.push("not served");
    }
    if port.protocol == WireProtocol::PROTOCOL_HTTPS {
        said.push("https");
    }
    format!("{} {}  {}", port.port, said.join(", "), port.url)
}
