//! The whole platform over memory: the nine steps, stops, failures, restarts of the server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use gitpod_core::access::Principal;
use gitpod_core::class::{Resources, WorkspaceClass};
use gitpod_core::instance::Exit;
use gitpod_core::store::{Query, Role, User};
use gitpod_core::workspace::{
    ContentState, Desired, EventKind, FailureReason, Phase, Sequence, StepKind, StepState,
    StopReason, Workspace,
};
use gitpod_core::{ErrorKind, OrganizationId, Timestamp, UserId, WorkspaceId};
use gitpod_runtime::WorkspaceRuntime as _;
use gitpod_runtime::memory::MemoryRuntime;
use gitpod_server::platform::DEMO_REPOSITORY;
use gitpod_server::{CreateWorkspace, Platform, StartOptions};

const DEADLINE: Duration = Duration::from_secs(10);

fn user(role: Role) -> Principal {
    let (id, organization) = (UserId::random(), OrganizationId::random());
    Principal::User(User::new(
        id,
        organization,
        "someone",
        role,
        Timestamp::UNIX_EPOCH,
    ))
}

async fn until(
    platform: &Platform,
    id: &WorkspaceId,
    what: &str,
    holds: impl Fn(&Workspace) -> bool,
) -> Workspace {
    let waiting = async {
        let mut events = platform.subscribe(&Principal::System, Sequence(0));
        loop {
            let workspace = platform.get(&Principal::System, id).await.unwrap();
            if holds(&workspace) {
                return workspace;
            }
            events.next().await.unwrap().unwrap();
        }
    };
    if let Ok(workspace) = tokio::time::timeout(DEADLINE, waiting).await {
        workspace
    } else {
        let workspace = platform.get(&Principal::System, id).await.unwrap();
        panic!("it never became {what}: {:#?}", workspace.status)
    }
}

async fn until_phase(platform: &Platform, id: &WorkspaceId, phase: Phase) -> Workspace {
    until(platform, id, phase.as_str(), |w| w.status.phase == phase).await
}

async fn running(platform: &Platform, by: &Principal) -> Workspace {
    let request = CreateWorkspace::new(DEMO_REPOSITORY);
    let workspace = platform.create(by, request).await.unwrap();
    until_phase(platform, &workspace.id, Phase::Running).await
}

fn with_runtime() -> (Platform, MemoryRuntime) {
    let runtime = MemoryRuntime::default();
    let platform = Platform::in_memory_builder()
        .runtime(Arc::new(runtime.clone()))
        .build()
        .unwrap();
    (platform, runtime)
}

#[tokio::test]
async fn a_url_becomes_a_running_workspace_in_nine_steps() {
    let platform = Platform::in_memory().unwrap();
    let _running = platform.spawn();
    let by = user(Role::Member);
    let mut events = platform.subscribe(&by, Sequence(0));
    let workspace = running(&platform, &by).await;
    let instance = workspace.status.instance.as_ref().unwrap();
    let kinds: Vec<_> = instance.steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, StepKind::ALL);
    for step in &instance.steps {
        assert_eq!(step.state, StepState::Done, "{step:?}");
        assert!(step.duration().is_some(), "{step:?}");
    }
    assert_eq!(instance.ide.id, "code");
    assert!(instance.ide.ready);
    let mut phases = vec![Phase::Preparing];
    while *phases.last().unwrap() != Phase::Running {
        let event = events.next().await.unwrap().unwrap();
        if let EventKind::PhaseChanged { from, to } = event.kind {
            assert_eq!(from, *phases.last().unwrap());
            assert!(from.can_become(to));
            phases.push(to);
        }
    }
}

#[tokio::test]
async fn stop_and_start_again_keep_the_content() {
    let (platform, runtime) = with_runtime();
    let _running = platform.spawn();
    let by = user(Role::Member);
    let first = running(&platform, &by).await;
    platform.stop(&by, &first.id).await.unwrap();
    let stopped = until_phase(&platform, &first.id, Phase::Stopped).await;
    assert!(runtime.list().await.unwrap().is_empty());
    assert_eq!(stopped.status.content, ContentState::Present);
    let instance = stopped.status.instance.as_ref().unwrap();
    assert_eq!(instance.stop_reason, Some(StopReason::Requested));
    assert_eq!(instance.failure, None);
    let token = platform.owner_token(&by, &first.id).await.unwrap_err();
    assert_eq!(token.kind(), ErrorKind::FailedPrecondition);

    platform.start(&by, &first.id).await.unwrap();
    let second = until_phase(&platform, &first.id, Phase::Running).await;
    let again = second.status.instance.as_ref().unwrap();
    assert_ne!(again.id, instance.id);
    let content = &again.steps[5];
    assert_eq!(content.kind, StepKind::Content);
    assert_eq!(content.detail, "found on this machine");
}

#[tokio::test]
async fn a_start_while_it_stops_comes_after_the_stop() {
    let (platform, runtime) = with_runtime();
    let _running = platform.spawn();
    let by = user(Role::Member);
    let first = running(&platform, &by).await;
    platform.stop(&by, &first.id).await.unwrap();
    platform.start(&by, &first.id).await.unwrap();
    let old = first.status.instance.as_ref().unwrap().id;
    let second = until(&platform, &first.id, "running anew", |w| {
        w.status.phase == Phase::Running && w.status.instance.as_ref().unwrap().id != old
    })
    .await;
    let alive = runtime.list().await.unwrap();
    assert_eq!(alive.len(), 1);
    assert_eq!(alive[0].id, second.status.instance.unwrap().id);
}

#[tokio::test]
async fn killed_for_memory_is_said_in_plain_words() {
    let (platform, runtime) = with_runtime();
    let _running = platform.spawn();
    let by = user(Role::Member);
    let workspace = running(&platform, &by).await;
    let mut exit = Exit::default();
    exit.oom_killed = true;
    runtime.finish(workspace.status.instance.as_ref().unwrap().id, exit);
    let stopped = until_phase(&platform, &workspace.id, Phase::Stopped).await;
    let failure = stopped.status.instance.unwrap().failure.unwrap();
    assert_eq!(failure.reason, FailureReason::OutOfMemory);
    assert!(failure.message.contains("killed for memory"));
    assert!(failure.hint.is_some());
    assert!(runtime.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_new_server_finishes_what_was_under_way() {
    let (platform, runtime) = with_runtime();
    let by = user(Role::Member);
    // Nobody drives yet, as after a kill right after the answer to the creation.
    let request = CreateWorkspace::new(DEMO_REPOSITORY);
    let workspace = platform.create(&by, request).await.unwrap();
    let first = platform.spawn();
    let started = until_phase(&platform, &workspace.id, Phase::Running).await;
    drop(first);

    let second = platform.spawn();
    platform.stop(&by, &workspace.id).await.unwrap();
    until_phase(&platform, &workspace.id, Phase::Stopped).await;
    assert!(runtime.list().await.unwrap().is_empty());
    second.drain().await;
    assert!(started.status.instance.is_some());
}

#[tokio::test]
async fn running_workspaces_survive_an_orderly_end_of_the_server() {
    let (platform, runtime) = with_runtime();
    let server = platform.spawn();
    let workspace = running(&platform, &user(Role::Member)).await;
    server.drain().await;
    assert_eq!(runtime.list().await.unwrap().len(), 1);
    let after = platform
        .get(&Principal::System, &workspace.id)
        .await
        .unwrap();
    assert_eq!(after.status.phase, Phase::Running);
    assert!(matches!(after.desired, Desired::Running(_)));
}

#[tokio::test]
async fn what_cannot_become_a_workspace_is_refused_before_anything_is_recorded() {
    let platform = Platform::in_memory().unwrap();
    let by = user(Role::Member);
    for (url, kind) in [
        ("not a url", ErrorKind::InvalidInput),
        ("https://git.example/no/such", ErrorKind::NotFound),
        ("https://git.example/demo/app#nope", ErrorKind::NotFound),
    ] {
        let error = platform
            .create(&by, CreateWorkspace::new(url))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{url}: {error:?}");
        assert!(error.hint().is_some(), "{url}");
    }
    let mut request = CreateWorkspace::new(DEMO_REPOSITORY);
    request.editor = Some(String::from("ed"));
    let error = platform.create(&by, request).await.unwrap_err();
    assert!(error.hint().unwrap().contains("terminal"));
    let known = platform.list(&by, Query::default()).await.unwrap();
    assert!(known.is_empty());
}

#[tokio::test]
async fn others_neither_see_nor_enter_a_workspace() {
    let platform = Platform::in_memory().unwrap();
    let (owner, other, admin) = (user(Role::Member), user(Role::Member), user(Role::Admin));
    let request = CreateWorkspace::new(DEMO_REPOSITORY);
    let id = platform.create(&owner, request).await.unwrap().id;
    let kind = async |by: &Principal| platform.get(by, &id).await.map_err(|e| e.kind()).err();
    assert_eq!(kind(&owner).await, None);
    assert_eq!(kind(&admin).await, None);
    assert_eq!(kind(&other).await, Some(ErrorKind::NotFound));
    assert_eq!(
        kind(&Principal::Anonymous).await,
        Some(ErrorKind::Unauthenticated)
    );
    let token = async |by: &Principal| platform.owner_token(by, &id).await.map_err(|e| e.kind());
    assert!(token(&owner).await.is_ok());
    assert_eq!(
        token(&admin).await.unwrap_err(),
        ErrorKind::PermissionDenied
    );
    assert_eq!(token(&other).await.unwrap_err(), ErrorKind::NotFound);
    assert!(
        platform
            .list(&other, Query::default())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn administrators_stop_but_do_not_start_the_workspaces_of_others() {
    let platform = Platform::in_memory().unwrap();
    let (owner, admin) = (user(Role::Member), user(Role::Admin));
    let request = CreateWorkspace::new(DEMO_REPOSITORY);
    let id = platform.create(&owner, request).await.unwrap().id;
    assert!(platform.stop(&admin, &id).await.is_ok());
    let error = platform.start(&admin, &id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("owner"), "{error}");
    assert_eq!(
        platform.list(&admin, Query::default()).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn the_blocked_see_nothing_and_create_nothing() {
    let platform = Platform::in_memory().unwrap();
    let Principal::User(mut blocked) = user(Role::Admin) else {
        panic!("a user");
    };
    blocked.blocked = true;
    let by = Principal::User(blocked);
    let listed = platform.list(&by, Query::default()).await.unwrap_err();
    let request = CreateWorkspace::new(DEMO_REPOSITORY);
    let created = platform.create(&by, request).await.unwrap_err();
    for error in [listed, created] {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
    }
}

#[tokio::test]
async fn links_that_the_platform_cannot_open_yet_say_so() {
    let platform = Platform::in_memory().unwrap();
    let by = user(Role::Member);
    let id = "c0ffee00-0000-4000-8000-000000000001";
    for url in [
        format!("snapshot/{id}"),
        format!("open-prebuild/{id}/https://github.com/o/r"),
        String::from("https://bitbucket.org/o/r/pull-requests/1"),
    ] {
        let error = platform.parse_context(&by, &url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{url}: {error:?}");
        assert!(error.hint().is_some(), "{url}");
    }
}

#[tokio::test]
async fn a_deleted_workspace_stops_and_leaves_the_lists() {
    let (platform, runtime) = with_runtime();
    let _running = platform.spawn();
    let by = user(Role::Member);
    let workspace = running(&platform, &by).await;
    platform.delete(&by, &workspace.id).await.unwrap();
    let stopped = until_phase(&platform, &workspace.id, Phase::Stopped).await;
    assert!(runtime.list().await.unwrap().is_empty());
    assert_eq!(stopped.status.content, ContentState::Present);
    assert!(
        platform
            .list(&by, Query::default())
            .await
            .unwrap()
            .is_empty()
    );
    let error = platform.start(&by, &workspace.id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_broken_configuration_is_refused_with_line_and_column() {
    use gitpod_content::memory::{MemoryRepositories, MemoryRepository};
    let url = "https://git.example/o/broken";
    let broken = "tasks:\n  - init: make\nports:\n  - port: many\n";
    let repository = MemoryRepository::new().with_file(".gitpod.yml", broken);
    let repositories = MemoryRepositories::new().with_repository(url, repository);
    let platform = Platform::in_memory_builder()
        .resolver(Arc::new(repositories))
        .build()
        .unwrap();
    let by = user(Role::Member);
    let error = platform
        .create(&by, CreateWorkspace::new(url))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
    assert!(error.context().any(|place| place == ("line", "4")));
    assert!(error.hint().is_some());
    assert!(
        platform
            .list(&by, Query::default())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn tasks_ports_and_environment_come_from_repository_and_link() {
    let platform = Platform::in_memory().unwrap();
    let by = user(Role::Member);
    let url = format!("STAGE=dev/{DEMO_REPOSITORY}/tree/dev");
    let spec = platform.parse_context(&by, &url).await.unwrap().spec;
    assert_eq!(spec.context.reference, "dev");
    assert_eq!(
        spec.fresh_tasks[0].command,
        "{\nmake\n} && {\nmake serve\n}"
    );
    assert_eq!(spec.restart_tasks[0].command, "{\nmake serve\n}");
    assert_eq!(spec.ports[0].start, 8080);
    assert_eq!(
        spec.address_env,
        [(String::from("STAGE"), String::from("dev"))]
    );
    assert_eq!(spec.checkout_location, "app");
}

#[tokio::test]
async fn a_subscriber_whose_position_is_gone_is_told() {
    let platform = Platform::in_memory().unwrap();
    let _running = platform.spawn();
    let by = user(Role::Member);
    let workspace = running(&platform, &by).await;
    platform.store().prune(2).await.unwrap();
    let mut late = platform.subscribe(&by, Sequence(0));
    let error = late.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    assert!(error.hint().unwrap().contains("last sequence number"));
    assert!(late.next().await.is_none(), "the stream ends there");

    // From the last number on nothing is missed.
    let from = platform.last_sequence().await.unwrap();
    let mut fresh = platform.subscribe(&by, from);
    platform.stop(&by, &workspace.id).await.unwrap();
    let event = fresh.next().await.unwrap().unwrap();
    assert!(event.sequence > from);
    assert_eq!(
        platform.history(&by, &workspace.id, 1).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn editor_and_class_change_while_it_is_stopped() {
    let class = |id: &str| WorkspaceClass::new(id, id, Resources::unlimited());
    let platform = Platform::in_memory_builder()
        .classes([class("one"), class("two")])
        .build()
        .unwrap();
    let _running = platform.spawn();
    let by = user(Role::Member);
    let workspace = running(&platform, &by).await;
    let with = |class: &str| {
        let mut options = StartOptions::default();
        options.class = Some(class.to_owned());
        options
    };
    assert_eq!(workspace.spec.class, "one");
    platform
        .start_with(&by, &workspace.id, with("one"))
        .await
        .unwrap();
    let unknown = platform.start_with(&by, &workspace.id, with("three")).await;
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::InvalidInput);
    let early = platform.start_with(&by, &workspace.id, with("two")).await;
    assert_eq!(early.unwrap_err().kind(), ErrorKind::FailedPrecondition);
    platform.stop(&by, &workspace.id).await.unwrap();
    until_phase(&platform, &workspace.id, Phase::Stopped).await;
    let started = platform.start_with(&by, &workspace.id, with("two")).await;
    assert_eq!(started.unwrap().spec.class, "two");
}
