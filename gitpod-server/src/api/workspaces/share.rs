use connectrpc::ConnectError;
use gitpod_core::access::Principal;
use gitpod_core::proto::gitpod::v1::AdmissionLevel;
use gitpod_core::proto::gitpod::v1::update_workspace_request::UpdateWorkspaceSpec;
use gitpod_core::{Error, WorkspaceId};

use crate::Platform;
use crate::api::status::{connect_error, unimplemented};

/// Sets who may enter, if the request does.
pub(super) async fn update(
    platform: &Platform,
    by: &Principal,
    id: &WorkspaceId,
    spec: &UpdateWorkspaceSpec,
) -> Result<(), ConnectError> {
    if spec.timeout.is_set() || !spec.ssh_public_keys.is_empty() {
        // Saying yes to what is not done would be worse.
        return Err(unimplemented());
    }
    let shared = match spec.admission.map(|level| level.as_known()) {
        // proto3 JSON of some clients spells out what is not set.
        None | Some(Some(AdmissionLevel::ADMISSION_LEVEL_UNSPECIFIED)) => return Ok(()),
        Some(Some(AdmissionLevel::ADMISSION_LEVEL_OWNER_ONLY)) => false,
        Some(Some(AdmissionLevel::ADMISSION_LEVEL_EVERYONE)) => true,
        Some(None) => return Err(connect_error(Error::invalid("no such admission level"))),
    };
    let shared = platform.share(by, id, shared).await;
    shared.map(drop).map_err(connect_error)
}
