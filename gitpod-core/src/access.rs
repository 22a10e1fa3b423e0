//! Who may do what: one pure rule set for every caller.
//!
//! What it comes to (a test keeps this table true; `✓` is allowed):
#![doc = include_str!("access/table.md")]

use serde::{Deserialize, Serialize};

use crate::UserId;
use crate::store::{Role, User};

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// Nobody we know.
    Anonymous,
    /// A user.
    User(User),
    /// The program that embeds the platform.
    System,
}

/// What it wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Create a workspace.
    CreateWorkspace,
    /// Use `file://` and other addresses that only this machine's owner may reach.
    UseLocalRepositories,
    /// See a workspace.
    ReadWorkspace,
    /// Start, stop or change it.
    OperateWorkspace,
    /// Enter it: editor, terminals, private ports, owner token.
    EnterWorkspace,
    /// Delete it.
    DeleteWorkspace,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 6] = [
        Self::CreateWorkspace,
        Self::UseLocalRepositories,
        Self::ReadWorkspace,
        Self::OperateWorkspace,
        Self::EnterWorkspace,
        Self::DeleteWorkspace,
    ];
}

/// On what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// The installation.
    Installation,
    /// A workspace of this owner.
    Workspace {
        /// Who owns it.
        owner: UserId,
    },
}

/// The answer, with a reason that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may.
    pub allowed: bool,
    /// Why.
    pub reason: &'static str,
}

/// Decides whether `principal` may do `action` on `resource`.
///
/// # Behavior
/// Everything that no rule allows is denied. A blocked user may do nothing. The owner alone enters a workspace; an
/// administrator may see, stop and delete it, but not read its files.
pub fn may(principal: &Principal, action: Action, resource: Resource) -> Decision {
    let allow = |reason| Decision {
        allowed: true,
        reason,
    };
    let deny = |reason| Decision {
        allowed: false,
        reason,
    };
    let user = match principal {
        Principal::System => return allow("the embedding program may do everything"),
        Principal::Anonymous => return deny("sign in first"),
        Principal::User(user) if user.blocked => return deny("this user is blocked"),
        Principal::User(user) => user,
    };
    match (action, resource) {
        (Action::CreateWorkspace, Resource::Installation) => {
            allow("every user may create workspaces")
        }
        (Action::UseLocalRepositories, Resource::Installation) => match user.role {
            Role::Admin => allow("administrators may use repositories of this machine"),
            Role::Member => deny("only administrators may use repositories of this machine"),
        },
        (
            Action::ReadWorkspace
            | Action::OperateWorkspace
            | Action::EnterWorkspace
            | Action::DeleteWorkspace,
            Resource::Workspace { owner },
        ) if owner == user.id => allow("it is theirs"),
        (
            Action::ReadWorkspace | Action::OperateWorkspace | Action::DeleteWorkspace,
            Resource::Workspace { .. },
        ) if user.role == Role::Admin => {
            allow("administrators may see, stop and delete every workspace")
        }
        (Action::EnterWorkspace, Resource::Workspace { .. }) => {
            deny("only its owner may enter a workspace")
        }
        _ => deny("no rule allows it"),
    }
}

#[cfg(test)]
mod tests;
