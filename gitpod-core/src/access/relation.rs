use std::fmt;

use serde::{Deserialize, Serialize};

use super::Resource;
use crate::store::{OrganizationRole, Role, User};

/// What somebody is to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Relation {
    /// Anybody, if the resource is open to the whole network.
    Anyone,
    /// A user of the installation.
    InstallationMember,
    /// Runs the installation.
    InstallationAdmin,
    /// The account is theirs, or the token.
    Oneself,
    /// Belongs to its organization in some role.
    Collaborator,
    /// Member or owner of its organization.
    OrganizationMember,
    /// Owner of its organization.
    OrganizationOwner,
    /// Somebody with an account, if the project, prebuild or snapshot is public.
    Viewer,
    /// Somebody with an account, if the workspace is shared.
    Guest,
    /// Made it.
    Creator,
    /// Made it, and still belongs to its organization.
    Owner,
    /// Made it, and is still member or owner of its organization.
    OwnerAndMember,
}

impl Relation {
    /// Whether `user` (`None`: nobody we know) is this to `resource`.
    pub(super) fn holds(self, user: Option<&User>, resource: Resource<'_>) -> bool {
        let Some(user) = user else {
            return self == Self::Anyone && resource.is_open_to_all();
        };
        let role = resource.organization().and_then(|id| user.role_in(id));
        let is_member = role.is_some_and(|role| role >= OrganizationRole::Member);
        let is_creator = resource.creator() == Some(user.id);
        match self {
            Self::Anyone => resource.is_open_to_all(),
            Self::InstallationMember => true,
            Self::InstallationAdmin => user.role == Role::Admin,
            Self::Oneself => resource.account() == Some(user.id),
            Self::Collaborator => role.is_some(),
            Self::OrganizationMember => is_member,
            Self::OrganizationOwner => role == Some(OrganizationRole::Owner),
            Self::Viewer => resource.is_public(),
            Self::Guest => resource.is_shared(),
            Self::Creator => is_creator,
            Self::Owner => is_creator && role.is_some(),
            Self::OwnerAndMember => is_creator && is_member,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anyone => "everybody to whom it is open",
            Self::InstallationMember => "users",
            Self::InstallationAdmin => "administrators",
            Self::Oneself => "the user themselves",
            Self::Collaborator => "who belongs to the organization",
            Self::OrganizationMember => "members of the organization",
            Self::OrganizationOwner => "owners of the organization",
            Self::Viewer => "users to whom it is public",
            Self::Guest => "guests of a shared workspace",
            Self::Creator => "who created it",
            Self::Owner => "its owner",
            Self::OwnerAndMember => "its owner while a member of the organization",
        })
    }
}
