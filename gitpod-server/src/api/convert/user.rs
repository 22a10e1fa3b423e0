use gitpod_core::proto::gitpod::v1 as wire;
use gitpod_core::store::{Role, User};

use super::timestamp;

/// The user as clients see them.
pub(in crate::api) fn user_message(user: &User) -> wire::User {
    let role = match user.role {
        Role::Admin => wire::RoleOrPermission::ROLE_OR_PERMISSION_ADMIN,
        Role::Member => wire::RoleOrPermission::ROLE_OR_PERMISSION_DEVELOPER,
    };
    wire::User {
        id: user.id.to_string(),
        organization_id: user.organization.to_string(),
        name: user.name.clone(),
        created_at: timestamp(user.created_at).into(),
        blocked: user.blocked,
        roles_or_permissions: vec![role.into()],
        ..wire::User::default()
    }
}
