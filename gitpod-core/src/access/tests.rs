//! The rules are few enough to be tried on everything there is.

use std::fmt::Write as _;

use super::*;
use crate::{OrganizationId, Timestamp};

fn user(role: Role, blocked: bool) -> User {
    let (id, organization) = (UserId::random(), OrganizationId::random());
    let mut user = User::new(id, organization, "somebody", role, Timestamp::UNIX_EPOCH);
    user.blocked = blocked;
    user
}

/// Every action on everything, for a `user`: the installation, a workspace of theirs, one of somebody else.
fn everything(user: &User) -> Vec<(Action, Resource)> {
    let resources = [
        Resource::Installation,
        Resource::Workspace { owner: user.id },
        Resource::Workspace {
            owner: UserId::random(),
        },
    ];
    let pairs = |action| resources.map(|resource| (action, resource));
    Action::ALL.into_iter().flat_map(pairs).collect()
}

/// Whether an action is meant for workspaces. A new action does not compile here; it belongs into `Action::ALL` too.
fn is_about_workspaces(action: Action) -> bool {
    match action {
        Action::CreateWorkspace | Action::UseLocalRepositories => false,
        Action::ReadWorkspace
        | Action::OperateWorkspace
        | Action::EnterWorkspace
        | Action::DeleteWorkspace => true,
    }
}

#[test]
fn nobody_and_the_blocked_may_do_nothing_and_the_system_everything() {
    for role in [Role::Admin, Role::Member] {
        let blocked = user(role, true);
        for (action, resource) in everything(&blocked) {
            let principal = Principal::User(blocked.clone());
            assert!(!may(&principal, action, resource).allowed, "{action:?}");
            assert!(
                !may(&Principal::Anonymous, action, resource).allowed,
                "{action:?}"
            );
            assert!(
                may(&Principal::System, action, resource).allowed,
                "{action:?}"
            );
        }
    }
}

#[test]
fn losing_a_role_or_being_blocked_never_widens() {
    let admin = user(Role::Admin, false);
    let mut member = admin.clone();
    member.role = Role::Member;
    for (action, resource) in everything(&admin) {
        let as_admin = may(&Principal::User(admin.clone()), action, resource);
        let as_member = may(&Principal::User(member.clone()), action, resource);
        assert!(
            as_admin.allowed || !as_member.allowed,
            "{action:?} {resource:?}"
        );
    }
}

#[test]
fn nobody_but_the_owner_enters_and_actions_keep_to_their_resources() {
    for role in [Role::Admin, Role::Member] {
        let user = user(role, false);
        for (action, resource) in everything(&user) {
            let allowed = may(&Principal::User(user.clone()), action, resource).allowed;
            let owned = resource == Resource::Workspace { owner: user.id };
            if action == Action::EnterWorkspace {
                assert_eq!(allowed, owned, "{role:?} {resource:?}");
            }
            if owned && is_about_workspaces(action) {
                assert!(allowed, "{role:?} {action:?} on their own");
            }
            if (resource == Resource::Installation) == is_about_workspaces(action) {
                assert!(!allowed, "{role:?} {action:?} {resource:?}");
            }
        }
    }
}

#[test]
fn every_refusal_says_why() {
    let user = user(Role::Member, false);
    for (action, resource) in everything(&user) {
        for principal in [Principal::Anonymous, Principal::User(user.clone())] {
            assert!(!may(&principal, action, resource).reason.is_empty());
        }
    }
}

/// The table of the module's documentation.
fn table() -> String {
    let (admin, member, blocked) = (
        user(Role::Admin, false),
        user(Role::Member, false),
        user(Role::Admin, true),
    );
    let other = UserId::random();
    let mut table = String::from(
        "\n| action | anonymous | blocked, their own | member, of others | member, their own | admin, of others | admin, their own | system |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for action in Action::ALL {
        let on = |owner| {
            if is_about_workspaces(action) {
                Resource::Workspace { owner }
            } else {
                Resource::Installation
            }
        };
        let user = |user: &User| Principal::User(user.clone());
        let cells = [
            (Principal::Anonymous, on(other)),
            (user(&blocked), on(blocked.id)),
            (user(&member), on(other)),
            (user(&member), on(member.id)),
            (user(&admin), on(other)),
            (user(&admin), on(admin.id)),
            (Principal::System, on(other)),
        ];
        let name = serde_json::to_value(action).unwrap();
        let _ = write!(table, "| `{}` |", name.as_str().unwrap());
        for (principal, resource) in cells {
            let allowed = may(&principal, action, resource).allowed;
            let _ = write!(table, " {} |", if allowed { "✓" } else { "" });
        }
        table.push('\n');
    }
    table
}

#[test]
fn the_documented_table_is_true() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/access/table.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, table()).unwrap();
    }
    let documented = std::fs::read_to_string(file).unwrap();
    assert_eq!(documented, table(), "run with BLESS=1 to write it anew");
}
