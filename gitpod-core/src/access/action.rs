use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Relation, ResourceKind};

/// What an action does to its resource, for the scopes of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Makes something new.
    Create,
    /// Looks.
    Get,
    /// Changes.
    Update,
    /// Removes.
    Delete,
    /// Nothing that a narrowed token could ever do.
    Whole,
}

/// The rules: each line an action, the kind of resource it is about, what it does to it, and who may.
macro_rules! rules {
    ($($(#[$doc:meta])* $action:ident on $kind:ident, $operation:ident: $($relation:ident)|+;)+) => {
        /// What somebody wants to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Action {
            $($(#[$doc])* $action,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$action),+];

            /// The kind of resource it is about.
            pub const fn resource(self) -> ResourceKind {
                match self {
                    $(Self::$action => ResourceKind::$kind,)+
                }
            }

            /// What it does to it.
            pub const fn operation(self) -> Operation {
                match self {
                    $(Self::$action => Operation::$operation,)+
                }
            }

            /// Who may: one of these.
            pub const fn granted_to(self) -> &'static [Relation] {
                match self {
                    $(Self::$action => &[$(Relation::$relation),+],)+
                }
            }

            /// Its name in documentation and logs.
            const fn name(self) -> &'static str {
                match self {
                    $(Self::$action => stringify!($action),)+
                }
            }
        }
    };
}

rules! {
    /// See what the installation offers: classes, editors, announcements.
    ReadInstallation on Installation, Get: InstallationMember;
    /// Change the installation's settings.
    ConfigureInstallation on Installation, Whole: InstallationAdmin;
    /// Found an organization.
    CreateOrganization on Installation, Whole: InstallationMember;
    /// List every user.
    ListUsers on Installation, Whole: InstallationAdmin;
    /// List the workspaces of everybody.
    ListAllWorkspaces on Installation, Whole: InstallationAdmin;
    /// Use `file://` and other addresses that only this machine's owner may reach.
    UseLocalRepositories on Installation, Whole: InstallationAdmin;

    /// See a user's name and avatar.
    ReadUser on User, Get: Oneself | OrganizationMember | InstallationAdmin;
    /// Change one's profile and preferences.
    UpdateUser on User, Update: Oneself;
    /// List the workspaces that a user created.
    ListWorkspaces on User, Get: Oneself | InstallationAdmin;
    /// Delete an account.
    DeleteUser on User, Whole: Oneself | InstallationAdmin;
    /// Block, unblock, verify, give roles.
    ControlUser on User, Whole: InstallationAdmin;
    /// See a user's environment variables, keys and git credentials.
    ReadUserSecrets on User, Get: Oneself;
    /// Change these.
    UpdateUserSecrets on User, Update: Oneself;
    /// Make a token.
    CreateToken on User, Create: Oneself;

    /// See a token's name, scopes and end.
    ReadToken on Token, Get: Oneself;
    /// End a token.
    RevokeToken on Token, Delete: Oneself | InstallationAdmin;

    /// See an organization's name and settings.
    ReadOrganization on Organization, Get: Collaborator | InstallationAdmin;
    /// Change these.
    UpdateOrganization on Organization, Update: OrganizationOwner | InstallationAdmin;
    /// Delete an organization.
    DeleteOrganization on Organization, Whole: OrganizationOwner | InstallationAdmin;
    /// Switch its maintenance mode.
    MaintainOrganization on Organization, Whole: OrganizationOwner | InstallationAdmin;
    /// Come in, with an invitation.
    JoinOrganization on Organization, Whole: InstallationMember;
    /// Go.
    LeaveOrganization on Organization, Whole: Collaborator;
    /// See who belongs to it.
    ReadMembers on Organization, Get: OrganizationMember | InstallationAdmin;
    /// Invite, remove, change roles.
    UpdateMembers on Organization, Whole: OrganizationOwner | InstallationAdmin;
    /// See what it used and pays.
    ReadBilling on Organization, Get: OrganizationMember | InstallationAdmin;
    /// Change how it pays, and its limits.
    UpdateBilling on Organization, Whole: OrganizationOwner | InstallationAdmin;
    /// See who did what.
    ReadAuditLog on Organization, Get: OrganizationOwner | InstallationAdmin;
    /// See which workspaces ran in it, without their files.
    ReadSessions on Organization, Get: OrganizationOwner | InstallationAdmin;
    /// See its git providers.
    ReadGitProviders on Organization, Get: Collaborator;
    /// Change these.
    UpdateGitProviders on Organization, Whole: OrganizationOwner;
    /// See the names of its environment variables.
    ReadOrganizationVariables on Organization, Get: OrganizationMember;
    /// Change these.
    UpdateOrganizationVariables on Organization, Update: OrganizationOwner;
    /// List its projects.
    ListProjects on Organization, Get: OrganizationMember | InstallationAdmin;
    /// Add a project.
    CreateProject on Organization, Create: OrganizationMember;
    /// Create a workspace in it.
    CreateWorkspace on Organization, Create: Collaborator;

    /// See a project and its settings.
    ReadProject on Project, Get: OrganizationMember | Viewer | InstallationAdmin;
    /// Change these.
    UpdateProject on Project, Update: OrganizationOwner | InstallationAdmin;
    /// Delete a project.
    DeleteProject on Project, Delete: OrganizationOwner | InstallationAdmin;
    /// See the names of its environment variables.
    ReadProjectVariables on Project, Get: OrganizationMember;
    /// Change these.
    UpdateProjectVariables on Project, Update: OrganizationOwner;
    /// Start a prebuild by hand.
    StartPrebuild on Project, Create: OrganizationMember;

    /// See a prebuild and its log.
    ReadPrebuild on Prebuild, Get: OrganizationMember | Viewer | InstallationAdmin;
    /// Start a workspace from it.
    UsePrebuild on Prebuild, Get: Collaborator | Viewer;
    /// Stop one that is being made.
    CancelPrebuild on Prebuild, Update: OrganizationMember | InstallationAdmin;
    /// Delete its content.
    DeletePrebuild on Prebuild, Delete: OrganizationOwner | InstallationAdmin;

    /// See a workspace.
    ReadWorkspace on Workspace, Get: Creator | Guest | InstallationAdmin;
    /// Start it.
    StartWorkspace on Workspace, Update: Owner;
    /// Stop it.
    StopWorkspace on Workspace, Update: Creator | InstallationAdmin;
    /// Rename or pin it, change its class, editor, time limits or ports.
    UpdateWorkspace on Workspace, Update: Creator;
    /// Enter it: editor, terminals, private ports, owner token.
    EnterWorkspace on Workspace, Update: Owner | Guest;
    /// Let others in.
    ShareWorkspace on Workspace, Update: Owner;
    /// Fetch its files.
    DownloadWorkspace on Workspace, Get: Creator;
    /// Keep its files as a snapshot.
    CreateSnapshot on Workspace, Create: OwnerAndMember;
    /// Delete it.
    DeleteWorkspace on Workspace, Delete: Creator | InstallationAdmin;

    /// Use a port.
    UsePort on Port, Get: Anyone | Owner;

    /// See a snapshot.
    ReadSnapshot on Snapshot, Get: Creator | OrganizationMember | Viewer | InstallationAdmin;
    /// Start a workspace from it. Whether they may read its repository is for the git provider to say.
    UseSnapshot on Snapshot, Get: Creator | OrganizationMember | Viewer;
    /// Delete it.
    DeleteSnapshot on Snapshot, Delete: Creator | OrganizationOwner | InstallationAdmin;
}

impl fmt::Display for Action {
    /// `create_workspace`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, letter) in self.name().char_indices() {
            if letter.is_ascii_uppercase() && index > 0 {
                f.write_str("_")?;
            }
            write!(f, "{}", letter.to_ascii_lowercase())?;
        }
        Ok(())
    }
}
