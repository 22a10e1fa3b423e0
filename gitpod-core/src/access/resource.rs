use serde::{Deserialize, Serialize};

use crate::workspace::Workspace;
use crate::{OrganizationId, PrebuildId, ProjectId, SnapshotId, UserId, WorkspaceId};

/// Kinds of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResourceKind {
    /// See [`Resource::Installation`].
    Installation,
    /// See [`Resource::User`].
    User,
    /// See [`Resource::Organization`].
    Organization,
    /// See [`Resource::Project`].
    Project,
    /// See [`Resource::Prebuild`].
    Prebuild,
    /// See [`Resource::Workspace`].
    Workspace,
    /// See [`Resource::Snapshot`].
    Snapshot,
    /// See [`Resource::Token`].
    Token,
    /// See [`Resource::Port`].
    Port,
}

/// On what, with the facts about it that the rules go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// The installation.
    Installation,
    /// The account of a user.
    User {
        /// Which.
        id: UserId,
        /// Their own organization.
        organization: OrganizationId,
    },
    /// An organization.
    Organization {
        /// Which.
        id: OrganizationId,
    },
    /// A project.
    Project {
        /// Which.
        id: ProjectId,
        /// Whose.
        organization: OrganizationId,
        /// Whether every user may see it.
        public: bool,
    },
    /// A prebuild of a project.
    Prebuild {
        /// Which.
        id: PrebuildId,
        /// Whose project it is of.
        organization: OrganizationId,
        /// Whether every user may see the project.
        public: bool,
    },
    /// A workspace.
    Workspace {
        /// Which.
        id: &'a WorkspaceId,
        /// Who created it.
        owner: UserId,
        /// In which organization.
        organization: OrganizationId,
        /// Whether its owner let others in.
        shared: bool,
    },
    /// A snapshot of a workspace.
    Snapshot {
        /// Which.
        id: SnapshotId,
        /// Who took it.
        owner: UserId,
        /// The workspace's organization.
        organization: OrganizationId,
        /// Whether every user who has the link may open it.
        public: bool,
    },
    /// A token.
    Token {
        /// Whose.
        owner: UserId,
    },
    /// A port of a workspace.
    Port {
        /// Of which workspace.
        workspace: &'a WorkspaceId,
        /// Who created that.
        owner: UserId,
        /// In which organization.
        organization: OrganizationId,
        /// Whether it is open to everybody.
        public: bool,
    },
}

impl<'a> From<&'a Workspace> for Resource<'a> {
    fn from(workspace: &'a Workspace) -> Self {
        Self::Workspace {
            id: &workspace.id,
            owner: workspace.spec.owner,
            organization: workspace.spec.organization,
            shared: workspace.guest_token.is_some(),
        }
    }
}

impl Resource<'_> {
    /// Its kind.
    pub fn kind(&self) -> ResourceKind {
        match self {
            Self::Installation => ResourceKind::Installation,
            Self::User { .. } => ResourceKind::User,
            Self::Organization { .. } => ResourceKind::Organization,
            Self::Project { .. } => ResourceKind::Project,
            Self::Prebuild { .. } => ResourceKind::Prebuild,
            Self::Workspace { .. } => ResourceKind::Workspace,
            Self::Snapshot { .. } => ResourceKind::Snapshot,
            Self::Token { .. } => ResourceKind::Token,
            Self::Port { .. } => ResourceKind::Port,
        }
    }

    pub(super) fn organization(&self) -> Option<OrganizationId> {
        match self {
            Self::Organization { id } => Some(*id),
            Self::User { organization, .. }
            | Self::Project { organization, .. }
            | Self::Prebuild { organization, .. }
            | Self::Workspace { organization, .. }
            | Self::Snapshot { organization, .. }
            | Self::Port { organization, .. } => Some(*organization),
            Self::Installation | Self::Token { .. } => None,
        }
    }

    pub(super) fn creator(&self) -> Option<UserId> {
        match self {
            Self::Workspace { owner, .. }
            | Self::Snapshot { owner, .. }
            | Self::Port { owner, .. } => Some(*owner),
            Self::Installation
            | Self::User { .. }
            | Self::Organization { .. }
            | Self::Project { .. }
            | Self::Prebuild { .. }
            | Self::Token { .. } => None,
        }
    }

    pub(super) fn account(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::Token { owner } => Some(*owner),
            _ => None,
        }
    }

    pub(super) fn is_public(&self) -> bool {
        matches!(
            self,
            Self::Project { public: true, .. }
                | Self::Prebuild { public: true, .. }
                | Self::Snapshot { public: true, .. }
        )
    }

    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Workspace { shared: true, .. })
    }

    pub(super) fn is_open_to_all(&self) -> bool {
        matches!(self, Self::Port { public: true, .. })
    }
}
