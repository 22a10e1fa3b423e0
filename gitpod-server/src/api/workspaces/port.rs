use gitpod_core::access::Principal;
use gitpod_core::port::{Protocol, Visibility};
use gitpod_core::proto::gitpod::v1::workspace_port::Protocol as WireProtocol;
use gitpod_core::proto::gitpod::v1::{AdmissionLevel, UpdateWorkspacePortRequest};
use gitpod_core::{Error, Result, WorkspaceId};

use crate::Platform;

/// Sets what the request sets; what it leaves out stays.
pub(super) async fn update(
    platform: &Platform,
    by: &Principal,
    request: &UpdateWorkspacePortRequest,
) -> Result<()> {
    let id = WorkspaceId::parse(&request.workspace_id)?;
    let port = u16::try_from(request.port).map_err(|_| {
        Error::invalid("this is no port")
            .with_context("port", request.port)
            .with_hint("give a port of 1 to 65535")
    })?;
    let visibility = match request.admission.map(|level| level.as_known()) {
        // proto3 JSON of some clients spells out what is not set.
        None | Some(Some(AdmissionLevel::ADMISSION_LEVEL_UNSPECIFIED)) => None,
        Some(Some(AdmissionLevel::ADMISSION_LEVEL_OWNER_ONLY)) => Some(Visibility::Private),
        Some(Some(AdmissionLevel::ADMISSION_LEVEL_EVERYONE)) => Some(Visibility::Public),
        Some(None) => return Err(Error::invalid("no such admission level")),
    };
    let protocol = match request.protocol.map(|protocol| protocol.as_known()) {
        None | Some(Some(WireProtocol::PROTOCOL_UNSPECIFIED)) => None,
        Some(Some(WireProtocol::PROTOCOL_HTTP)) => Some(Protocol::Http),
        Some(Some(WireProtocol::PROTOCOL_HTTPS)) => Some(Protocol::Https),
        Some(None) => return Err(Error::invalid("no such protocol")),
    };
    platform
        .set_port(by, &id, port, visibility, protocol)
        .await
        .map(drop)
}
