//! Scopes of tokens.

use gitpod_core::InstanceId;
use gitpod_core::access::{Scope, Scopes};

use super::*;

#[test]
fn what_is_no_scope_is_refused_with_a_hint() {
    let many = "x".repeat(600);
    for bad in [
        "",
        "function",
        "function:",
        "function:a b",
        "resource:",
        "resource:workspace",
        "resource:workspace::x",
        "resource:workspace::x::",
        "resource:workspace::x::fly",
        "resource:workspace::x::get::more",
        "resource:::::get",
        "role:admin",
        many.as_str(),
    ] {
        let error = bad.parse::<Scope>().unwrap_err();
        assert!(error.hint().is_some(), "{bad}");
    }
    assert!(Scopes::parse((0..300).map(|n| format!("function:f{n}"))).is_err());
}

#[test]
fn functions_and_resources_are_two_questions() {
    let scopes = Scopes::parse(["function:getWorkspace", "resource:workspace::*::get"]).unwrap();
    assert!(scopes.may_call("getWorkspace") && !scopes.may_call("stopWorkspace"));
    assert!(!scopes.may_call_all());
    assert!(Scopes::everything().may_call_all());
    assert!(
        !Scopes::parse(["resource:default"])
            .unwrap()
            .may_call("getWorkspace")
    );
}

#[test]
fn the_supervisors_token_is_good_for_its_own_workspace_only() {
    let world = World::new();
    let user = world.user(Role::Admin, Some(OrganizationRole::Owner));
    let with = |workspace: &WorkspaceId| Principal::Token {
        user: user.clone(),
        scopes: Scopes::of_instance(workspace, InstanceId::random()),
    };
    let own = with(&world.workspace);
    let another = with(&WorkspaceId::parse("brave-otter-k3v9x2ab").unwrap());
    let mine = world.resource(ResourceKind::Workspace, true, false);
    for action in [
        Action::ReadWorkspace,
        Action::StopWorkspace,
        Action::CreateSnapshot,
    ] {
        assert!(allowed(&own, action, mine), "{action}");
        assert!(!allowed(&another, action, mine), "{action}");
    }
    assert!(!allowed(&own, Action::DeleteWorkspace, mine));
    for (kind, action) in [
        (ResourceKind::User, Action::ReadUserSecrets),
        (ResourceKind::User, Action::CreateToken),
        (ResourceKind::Organization, Action::CreateWorkspace),
        (ResourceKind::Installation, Action::ConfigureInstallation),
    ] {
        assert!(
            !allowed(&own, action, world.resource(kind, true, false)),
            "{action}"
        );
    }
}

#[test]
fn a_token_hands_on_no_more_than_it_has() {
    let has = Scopes::parse(["function:a", "resource:workspace::*::get/update"]).unwrap();
    for (texts, may) in [
        (vec![], true),
        (vec!["function:a"], true),
        (vec!["resource:workspace::x::get"], true),
        (vec!["resource:workspace::x::get/delete"], false),
        (vec!["resource:snapshot::x::get"], false),
        (vec!["function:*"], false),
        (vec!["resource:default"], false),
    ] {
        assert_eq!(
            has.include(&Scopes::parse(&texts).unwrap()),
            may,
            "{texts:?}"
        );
    }
}
