//! Who may do what: one pure rule set for every caller.
//!
//! A [`Principal`] stands in some [`Relation`]s to a [`Resource`] (owns it, belongs to its organization, …); each [`Action`]
//! names the relations that grant it; [`may`] looks whether one is held. There are no rules that deny: who holds more may do
//! more. Three things go before: a blocked or deleted user may do nothing, the scopes of a token only narrow what its user may,
//! and an action is about one kind of resource. `docs/access.md` shows what it comes to, as a table that a test keeps true.
//!
//! ```
//! use gitpod_core::access::{Action, Principal, Resource, may};
//! use gitpod_core::store::{Role, User};
//! use gitpod_core::{OrganizationId, Timestamp, UserId, WorkspaceId};
//!
//! let organization = OrganizationId::random();
//! let ada = User::new(UserId::random(), organization, "Ada", Role::Member, Timestamp::UNIX_EPOCH);
//! let id = WorkspaceId::parse("amber-falcon-k3v9x2ab")?;
//! let workspace = Resource::Workspace { id: &id, owner: UserId::random(), organization, shared: false };
//! let decision = may(&Principal::User(ada), Action::EnterWorkspace, workspace);
//! assert!(!decision.allowed);
//! assert_eq!(decision.reason.to_string(), "only its owner or guests of a shared workspace may do this");
//! # Ok::<(), gitpod_core::Error>(())
//! ```

mod action;
mod decision;
mod principal;
mod relation;
mod resource;
mod scope;

pub use action::{Action, Operation};
pub use decision::{Decision, Reason};
pub use principal::Principal;
pub use relation::Relation;
pub use resource::{Resource, ResourceKind};
pub use scope::{Scope, Scopes};

/// Decides whether `principal` may do `action` on `resource`.
///
/// # Behavior
/// Everything that no rule allows is denied. The same answer for the same arguments; nothing is asked.
pub fn may(principal: &Principal, action: Action, resource: Resource<'_>) -> Decision {
    if *principal == Principal::System {
        return Decision::allow(Reason::System);
    }
    if action.resource() != resource.kind() {
        return Decision::deny(Reason::NotAboutThis);
    }
    let user = principal.user();
    if user.is_some_and(|user| user.deleted) {
        return Decision::deny(Reason::Deleted);
    }
    if user.is_some_and(|user| user.blocked) {
        return Decision::deny(Reason::Blocked);
    }
    if let Principal::Token { scopes, .. } = principal
        && !scopes.permit(action, resource)
    {
        return Decision::deny(Reason::Scope);
    }
    let granted = action.granted_to().iter();
    match granted.copied().find(|r| r.holds(user, resource)) {
        Some(relation) => Decision::allow(Reason::Is(relation)),
        None if user.is_none() => Decision::deny(Reason::SignIn),
        None => Decision::deny(Reason::Needs(action.granted_to())),
    }
}
