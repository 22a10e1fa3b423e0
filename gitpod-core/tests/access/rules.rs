//! What the rules are there for.

use super::*;

fn member(world: &World, role: OrganizationRole) -> Principal {
    Principal::User(world.user(Role::Member, Some(role)))
}

#[test]
fn nobody_but_its_owner_and_its_guests_enters_a_workspace() {
    let world = World::new();
    let everybody = [Role::Admin, Role::Member].into_iter().flat_map(|role| {
        let places = [
            None,
            Some(OrganizationRole::Collaborator),
            Some(OrganizationRole::Owner),
        ];
        places.map(|place| Principal::User(world.user(role, place)))
    });
    for principal in everybody {
        let theirs = world.resource(ResourceKind::Workspace, false, false);
        let shared = world.resource(ResourceKind::Workspace, false, true);
        assert!(
            !allowed(&principal, Action::EnterWorkspace, theirs),
            "{principal:?}"
        );
        assert!(
            allowed(&principal, Action::EnterWorkspace, shared),
            "{principal:?}"
        );
        assert!(
            !allowed(&principal, Action::DownloadWorkspace, shared),
            "{principal:?}"
        );
        assert!(
            !allowed(&principal, Action::UpdateWorkspace, shared),
            "{principal:?}"
        );
    }
}

#[test]
fn who_left_the_organization_keeps_what_is_theirs_and_starts_nothing() {
    let world = World::new();
    let gone = Principal::User(world.user(Role::Member, None));
    let mine = world.resource(ResourceKind::Workspace, true, false);
    for action in [
        Action::ReadWorkspace,
        Action::StopWorkspace,
        Action::DownloadWorkspace,
        Action::DeleteWorkspace,
    ] {
        assert!(allowed(&gone, action, mine), "{action}");
    }
    for action in [
        Action::StartWorkspace,
        Action::EnterWorkspace,
        Action::ShareWorkspace,
        Action::CreateSnapshot,
    ] {
        assert!(!allowed(&gone, action, mine), "{action}");
    }
}

#[test]
fn collaborators_see_neither_members_nor_projects_nor_bills_and_work_all_the_same() {
    let world = World::new();
    let collaborator = member(&world, OrganizationRole::Collaborator);
    let organization = world.resource(ResourceKind::Organization, false, false);
    for action in [
        Action::ReadMembers,
        Action::ListProjects,
        Action::ReadBilling,
        Action::CreateProject,
    ] {
        assert!(!allowed(&collaborator, action, organization), "{action}");
    }
    assert!(allowed(
        &collaborator,
        Action::CreateWorkspace,
        organization
    ));
    let prebuild = world.resource(ResourceKind::Prebuild, false, false);
    assert!(allowed(&collaborator, Action::UsePrebuild, prebuild));
    assert!(!allowed(&collaborator, Action::ReadPrebuild, prebuild));
    let mine = world.resource(ResourceKind::Workspace, true, false);
    assert!(allowed(&collaborator, Action::StartWorkspace, mine));
    assert!(!allowed(&collaborator, Action::CreateSnapshot, mine));
    assert!(allowed(
        &member(&world, OrganizationRole::Member),
        Action::CreateSnapshot,
        mine
    ));
}

#[test]
fn administrators_run_the_installation_and_read_nobodys_files_or_secrets() {
    let world = World::new();
    let admin = Principal::User(world.user(Role::Admin, None));
    let workspace = world.resource(ResourceKind::Workspace, false, false);
    for (action, may) in [
        (Action::ReadWorkspace, true),
        (Action::StopWorkspace, true),
        (Action::DeleteWorkspace, true),
        (Action::StartWorkspace, false),
        (Action::EnterWorkspace, false),
        (Action::DownloadWorkspace, false),
        (Action::CreateSnapshot, false),
    ] {
        assert_eq!(allowed(&admin, action, workspace), may, "{action}");
    }
    let account = world.resource(ResourceKind::User, false, false);
    assert!(allowed(&admin, Action::ControlUser, account));
    assert!(!allowed(&admin, Action::ReadUserSecrets, account));
    assert!(!allowed(&admin, Action::CreateToken, account));
}

#[test]
fn what_is_public_is_for_everybody_with_an_account_and_ports_for_everybody() {
    let world = World::new();
    let stranger = Principal::User(world.user(Role::Member, None));
    for (kind, action) in [
        (ResourceKind::Project, Action::ReadProject),
        (ResourceKind::Prebuild, Action::UsePrebuild),
        (ResourceKind::Snapshot, Action::UseSnapshot),
        (ResourceKind::Port, Action::UsePort),
    ] {
        assert!(
            allowed(&stranger, action, world.resource(kind, false, true)),
            "{action}"
        );
        assert!(
            !allowed(&stranger, action, world.resource(kind, false, false)),
            "{action}"
        );
    }
    let port = world.resource(ResourceKind::Port, false, true);
    assert!(allowed(&Principal::Anonymous, Action::UsePort, port));
}

#[test]
fn refusals_say_who_may() {
    let world = World::new();
    let stranger = Principal::User(world.user(Role::Member, None));
    for (action, kind, reason) in [
        (
            Action::DeleteWorkspace,
            ResourceKind::Workspace,
            "only who created it or administrators may do this",
        ),
        (
            Action::ReadProject,
            ResourceKind::Project,
            "only members of the organization, users to whom it is public or administrators may do this",
        ),
        (
            Action::ReadProject,
            ResourceKind::Workspace,
            "no rule allows it",
        ),
    ] {
        let decision = may(&stranger, action, world.resource(kind, false, false));
        assert_eq!(decision.reason.to_string(), reason);
    }
}

#[test]
fn users_recorded_before_roles_were_are_plain_members() {
    let mut record = serde_json::to_value(World::new().user(Role::Member, None)).unwrap();
    let fields = record.as_object_mut().unwrap();
    for field in ["organization_role", "memberships", "deleted"] {
        assert!(fields.remove(field).is_some(), "{field}");
    }
    let user: User = serde_json::from_value(record).unwrap();
    assert_eq!(
        user.role_in(user.organization),
        Some(OrganizationRole::Member)
    );
    assert!(!user.deleted && user.memberships.is_empty());
}
