//! The access rules, tried on small worlds of users, organizations and resources.

use gitpod_core::access::{Action, Principal, Resource, ResourceKind, may};
use gitpod_core::store::{Membership, OrganizationRole, Role, User};
use gitpod_core::{
    OrganizationId, PrebuildId, ProjectId, SnapshotId, Timestamp, UserId, WorkspaceId,
};

#[path = "access/documented.rs"]
mod documented;
#[path = "access/properties.rs"]
mod properties;
#[path = "access/rules.rs"]
mod rules;
#[path = "access/scopes.rs"]
mod scopes;

/// Two users, two organizations, one workspace's name: enough for every relation to hold or not.
#[derive(Debug, Clone)]
struct World {
    me: UserId,
    other: UserId,
    /// The resources are of this one.
    organization: OrganizationId,
    home: OrganizationId,
    workspace: WorkspaceId,
}

impl World {
    fn new() -> Self {
        Self {
            me: UserId::random(),
            other: UserId::random(),
            organization: OrganizationId::random(),
            home: OrganizationId::random(),
            workspace: WorkspaceId::parse("amber-falcon-k3v9x2ab").expect("an id"),
        }
    }

    /// Me, with these roles.
    fn user(&self, role: Role, in_organization: Option<OrganizationRole>) -> User {
        let mut user = User::new(self.me, self.home, "somebody", role, Timestamp::UNIX_EPOCH);
        user.memberships = in_organization
            .map(|role| Membership {
                organization: self.organization,
                role,
            })
            .into_iter()
            .collect();
        user
    }

    /// A resource of `kind`, of mine or of somebody else, closed or open to others.
    fn resource(&self, kind: ResourceKind, mine: bool, open: bool) -> Resource<'_> {
        let owner = if mine { self.me } else { self.other };
        let organization = self.organization;
        match kind {
            ResourceKind::Installation => Resource::Installation,
            ResourceKind::User => Resource::User {
                id: owner,
                organization,
            },
            ResourceKind::Organization => Resource::Organization { id: organization },
            ResourceKind::Project => Resource::Project {
                id: ProjectId::random(),
                organization,
                public: open,
            },
            ResourceKind::Prebuild => Resource::Prebuild {
                id: PrebuildId::random(),
                organization,
                public: open,
            },
            ResourceKind::Workspace => Resource::Workspace {
                id: &self.workspace,
                owner,
                organization,
                shared: open,
            },
            ResourceKind::Snapshot => Resource::Snapshot {
                id: SnapshotId::random(),
                owner,
                organization,
                public: open,
            },
            ResourceKind::Token => Resource::Token { owner },
            ResourceKind::Port => Resource::Port {
                workspace: &self.workspace,
                owner,
                organization,
                public: open,
            },
            other => panic!("a kind that this test does not know: {other:?}"),
        }
    }

    /// Everything there is.
    fn everything(&self) -> Vec<Resource<'_>> {
        let flags = [(false, false), (false, true), (true, false), (true, true)];
        let of = |kind| flags.map(|(mine, open)| self.resource(kind, mine, open));
        KINDS.into_iter().flat_map(of).collect()
    }
}

const KINDS: [ResourceKind; 9] = [
    ResourceKind::Installation,
    ResourceKind::User,
    ResourceKind::Organization,
    ResourceKind::Project,
    ResourceKind::Prebuild,
    ResourceKind::Workspace,
    ResourceKind::Snapshot,
    ResourceKind::Token,
    ResourceKind::Port,
];

fn allowed(principal: &Principal, action: Action, resource: Resource<'_>) -> bool {
    may(principal, action, resource).allowed
}
