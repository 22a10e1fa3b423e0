//! What must hold whatever the rules are.

use gitpod_core::access::{Scope, Scopes};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const ROLES: [Option<OrganizationRole>; 4] = [
    None,
    Some(OrganizationRole::Collaborator),
    Some(OrganizationRole::Member),
    Some(OrganizationRole::Owner),
];

/// Every user there can be, ordered so that who comes later has all roles of who came before, for each of both dimensions.
fn users(world: &World) -> Vec<(usize, usize, User)> {
    let mut users = Vec::new();
    for (rank, role) in [Role::Member, Role::Admin].into_iter().enumerate() {
        for (place, in_organization) in ROLES.into_iter().enumerate() {
            users.push((rank, place, world.user(role, in_organization)));
        }
    }
    users
}

#[test]
fn nobody_gains_by_losing_a_role() {
    let world = World::new();
    let users = users(&world);
    for (rank, place, more) in &users {
        for (_, _, less) in users.iter().filter(|(r, p, _)| r <= rank && p <= place) {
            let (more, less) = (Principal::User(more.clone()), Principal::User(less.clone()));
            for (action, resource) in pairs(&world) {
                let gained = allowed(&less, action, resource) && !allowed(&more, action, resource);
                assert!(
                    !gained,
                    "{action} {resource:?}: {less:?} may, {more:?} may not"
                );
            }
        }
    }
}

#[test]
fn the_same_holds_in_ones_own_organization() {
    let mut world = World::new();
    world.organization = world.home;
    for (action, resource) in pairs(&world) {
        let mut before = false;
        for role in ROLES.into_iter().flatten() {
            let mut user = world.user(Role::Member, None);
            user.organization_role = role;
            let now = allowed(&Principal::User(user), action, resource);
            assert!(
                now || !before,
                "{action} {resource:?} is lost by becoming {role:?}"
            );
            before = now;
        }
    }
}

#[test]
fn the_blocked_and_the_deleted_may_do_nothing() {
    let world = World::new();
    for (_, _, user) in users(&world) {
        let (mut blocked, mut deleted) = (user.clone(), user);
        blocked.blocked = true;
        deleted.deleted = true;
        for (action, resource) in pairs(&world) {
            for user in [&blocked, &deleted] {
                assert!(
                    !allowed(&Principal::User(user.clone()), action, resource),
                    "{action}"
                );
                let scopes = Scopes::everything();
                let user = user.clone();
                assert!(
                    !allowed(&Principal::Token { user, scopes }, action, resource),
                    "{action}"
                );
            }
        }
    }
}

#[test]
fn actions_keep_to_their_kind_and_only_the_system_may_do_everything() {
    let world = World::new();
    for (action, resource) in pairs(&world) {
        assert!(allowed(&Principal::System, action, resource));
        let anonymous = may(&Principal::Anonymous, action, resource);
        let open = matches!(resource, Resource::Port { public: true, .. });
        assert_eq!(
            anonymous.allowed,
            open && action == Action::UsePort,
            "{action} {resource:?}"
        );
        assert!(!anonymous.reason.to_string().is_empty());
        for (_, _, user) in users(&world) {
            let decision = may(&Principal::User(user), action, resource);
            assert!(
                !decision.allowed || action.resource() == resource.kind(),
                "{action}"
            );
            assert!(!decision.reason.to_string().is_empty());
        }
    }
}

fn pairs(world: &World) -> Vec<(Action, Resource<'_>)> {
    let resources = world.everything();
    let with = |action: &Action| {
        let action = *action;
        resources
            .clone()
            .into_iter()
            .map(move |resource| (action, resource))
    };
    Action::ALL.iter().flat_map(with).collect()
}

fn scope() -> impl Strategy<Value = Scope> {
    let kinds = vec![
        "workspace",
        "snapshot",
        "prebuild",
        "project",
        "user",
        "gitpodToken",
        "envVar",
        "organization",
    ];
    let subjects = vec![
        "*",
        "amber-falcon-k3v9x2ab",
        "ws-amber-falcon-k3v9x2ab",
        "x",
    ];
    let operations = vec!["create", "get", "update", "delete"];
    let resource = (
        select(kinds),
        select(subjects),
        subsequence(operations, 1..=4),
    )
        .prop_map(|(kind, subject, operations)| {
            format!("resource:{kind}::{subject}::{}", operations.join("/"))
        });
    prop_oneof![
        1 => Just(String::from("function:*")),
        1 => Just(String::from("resource:default")),
        1 => "function:[a-zA-Z]{1,8}",
        6 => resource,
    ]
    .prop_map(|text| text.parse().expect("a scope"))
}

fn scopes() -> impl Strategy<Value = Scopes> {
    proptest::collection::vec(scope(), 0..6)
        .prop_map(|scopes| Scopes::parse(scopes.iter().map(Scope::to_string)).expect("scopes"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scopes_only_narrow(some in scopes(), more in scopes(), role in select(&ROLES[..])) {
        let world = World::new();
        let user = world.user(Role::Admin, role);
        let both = Scopes::parse(some.iter().chain(more.iter()).map(Scope::to_string)).unwrap();
        let with = |scopes: &Scopes| Principal::Token { user: user.clone(), scopes: scopes.clone() };
        prop_assert!(both.include(&some) && both.include(&more) && Scopes::everything().include(&both));
        for (action, resource) in pairs(&world) {
            let (narrow, wide) = (allowed(&with(&some), action, resource), allowed(&with(&both), action, resource));
            let user = allowed(&Principal::User(user.clone()), action, resource);
            prop_assert!(!narrow || wide, "{action} {resource:?}: {some:?}");
            prop_assert!(!wide || user, "{action} {resource:?}: {both:?}");
            prop_assert!(!allowed(&with(&Scopes::none()), action, resource));
            prop_assert_eq!(allowed(&with(&Scopes::everything()), action, resource), user);
            if some.include(&more) {
                prop_assert!(narrow || !allowed(&with(&more), action, resource), "{action} {resource:?}");
            }
        }
    }

    #[test]
    fn scopes_print_as_they_parse(scope in scope(), scopes in scopes()) {
        prop_assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
        let json = serde_json::to_string(&scopes).unwrap();
        prop_assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes);
    }
}
