use gitpod_core::class::WorkspaceClass;
use gitpod_core::proto::gitpod::v1 as wire;
use gitpod_core::workspace::{NewWorkspace, Workspace};

use super::{spec_message, status_message, timestamp};
use crate::Platform;

/// The workspace as clients see it: metadata, specification, status.
pub fn workspace_message(platform: &Platform, workspace: &Workspace) -> wire::Workspace {
    let mut metadata = context_metadata(&workspace.spec);
    metadata.name = workspace.name.clone().unwrap_or_default();
    metadata.pinned = workspace.pinned;
    metadata.creation_time = timestamp(workspace.created_at).into();
    let mut spec = spec_message(&workspace.spec);
    if workspace.guest_token.is_some() {
        spec.admission = wire::AdmissionLevel::ADMISSION_LEVEL_EVERYONE.into();
    }
    if let Some(instance) = &workspace.status.instance {
        metadata.warnings.extend(instance.warnings.iter().cloned());
        spec.last_user_activity = instance.last_activity.map(timestamp).into();
    }
    wire::Workspace {
        id: workspace.id.to_string(),
        metadata: metadata.into(),
        spec: spec.into(),
        status: status_message(platform, workspace).into(),
    }
}

/// What is known of a workspace before there is one.
pub(in crate::api) fn context_metadata(spec: &NewWorkspace) -> wire::WorkspaceMetadata {
    wire::WorkspaceMetadata {
        owner_id: spec.owner.to_string(),
        organization_id: spec.organization.to_string(),
        original_context_url: spec.context.url.clone(),
        context_title: spec.context.title.clone(),
        warnings: spec.warnings.clone(),
        configured_by: spec.configured_by.clone(),
        configuration_remarks: spec.remarks.clone(),
        ..wire::WorkspaceMetadata::default()
    }
}

pub(in crate::api) fn class_message(class: &WorkspaceClass) -> wire::WorkspaceClass {
    wire::WorkspaceClass {
        id: class.id.clone(),
        display_name: class.display_name.clone(),
        description: class.description.clone(),
        is_default: class.is_default,
    }
}
