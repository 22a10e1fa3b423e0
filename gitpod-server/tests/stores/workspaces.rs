use futures::StreamExt as _;
use gitpod_core::store::{Query, WorkspaceStore};
use gitpod_core::workspace::{
    ContextRecord, Desired, Event, EventKind, Generation, NewWorkspace, Sequence, StopReason,
    Workspace,
};
use gitpod_core::{
    Clock as _, ErrorKind, InstanceId, OrganizationId, SystemClock, UserId, WorkspaceId,
};

pub(crate) fn workspace(id: &str) -> Workspace {
    let spec = NewWorkspace::new(
        UserId::random(),
        OrganizationId::random(),
        ContextRecord::new("https://git.example/o/r"),
    );
    Workspace::new(WorkspaceId::parse(id).unwrap(), spec, SystemClock.now())
}

pub(crate) async fn create(store: &dyn WorkspaceStore, workspace: &Workspace) -> Generation {
    store
        .create(workspace, &[EventKind::Created])
        .await
        .unwrap()
}

pub(crate) async fn assert_stored(store: &dyn WorkspaceStore, workspace: &Workspace) {
    let mut stored = store
        .get(&workspace.id)
        .await
        .unwrap()
        .expect("the workspace is there");
    assert_eq!(stored.generation, Generation(1));
    stored.generation = workspace.generation;
    assert_eq!(stored, *workspace);
}

pub(crate) async fn a_created_workspace_reads_back(store: &dyn WorkspaceStore) {
    let workspace = workspace("amber-falcon-k3v9x2ab");
    assert_eq!(create(store, &workspace).await, Generation(1));
    assert_stored(store, &workspace).await;
}

pub(crate) async fn an_id_is_given_once(store: &dyn WorkspaceStore) {
    let workspace = workspace("amber-falcon-k3v9x2ab");
    create(store, &workspace).await;
    let error = store
        .create(&workspace, &[EventKind::Created])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(
        store.last_sequence().await.unwrap(),
        Sequence(1),
        "the refused create left no event"
    );
}

pub(crate) async fn a_stale_writer_loses_and_leaves_no_event(store: &dyn WorkspaceStore) {
    let mut workspace = workspace("amber-falcon-k3v9x2ab");
    let seen = create(store, &workspace).await;
    workspace.name = Some(String::from("first"));
    let written = store
        .put(&workspace, seen, &[EventKind::Updated])
        .await
        .unwrap();
    assert_eq!(written, Generation(2));
    workspace.name = Some(String::from("stale"));
    let error = store
        .put(&workspace, seen, &[EventKind::Updated])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(
        store
            .get(&workspace.id)
            .await
            .unwrap()
            .unwrap()
            .name
            .as_deref(),
        Some("first")
    );
    assert_eq!(store.events(Sequence(0), 10).await.unwrap().len(), 2);
    let unknown = self::workspace("misty-otter-00000000");
    assert_eq!(
        store.put(&unknown, seen, &[]).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

pub(crate) async fn of_many_writers_of_one_generation_one_wins(store: &dyn WorkspaceStore) {
    let workspace = workspace("amber-falcon-k3v9x2ab");
    let seen = create(store, &workspace).await;
    let writers = (0..16).map(|number| {
        let mut mine = workspace.clone();
        mine.name = Some(number.to_string());
        async move { store.put(&mine, seen, &[EventKind::Updated]).await.is_ok() }
    });
    let winners = futures::future::join_all(writers)
        .await
        .into_iter()
        .filter(|won| *won)
        .count();
    assert_eq!(winners, 1);
    assert_eq!(store.last_sequence().await.unwrap(), Sequence(2));
}

pub(crate) async fn events_resume_without_gap_or_repeat(store: &dyn WorkspaceStore) {
    let mut hints = store.watch();
    let workspace = workspace("amber-falcon-k3v9x2ab");
    let mut generation = create(store, &workspace).await;
    for _ in 0..20 {
        generation = store
            .put(
                &workspace,
                generation,
                &[EventKind::Updated, EventKind::Updated],
            )
            .await
            .unwrap();
    }
    assert!(hints.next().await.is_some(), "a watcher is told");
    let (mut seen, mut after) = (Vec::new(), Sequence(0));
    loop {
        let page = store.events(after, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.sequence;
        seen.extend(page.into_iter().map(|event| event.sequence.0));
    }
    assert_eq!(seen, (1..=41).collect::<Vec<_>>());
}

pub(crate) async fn each_workspace_keeps_its_newest_events(store: &dyn WorkspaceStore) {
    let (busy, quiet, gone) = (
        workspace("amber-falcon-00000001"),
        workspace("amber-falcon-00000002"),
        workspace("amber-falcon-00000003"),
    );
    create(store, &quiet).await; // 1
    create(store, &gone).await; // 2
    let mut generation = create(store, &busy).await; // 3
    for _ in 0..6 {
        let written = store.put(&busy, generation, &[EventKind::Updated]).await; // 4 to 9
        generation = written.unwrap();
    }
    assert_eq!(store.prune(100).await.unwrap(), 0);
    assert_eq!(store.pruned().await.unwrap(), Sequence(0));
    store.purge(&gone.id).await.unwrap();
    assert_eq!(store.prune(4).await.unwrap(), 4);
    let numbers = |events: Vec<Event>| events.iter().map(|e| e.sequence.0).collect::<Vec<_>>();
    let all = store.events(Sequence(0), 100).await.unwrap();
    assert_eq!(numbers(all), [1, 6, 7, 8, 9]);
    assert_eq!(store.pruned().await.unwrap(), Sequence(5));
    let history = store.history(&busy.id, 3).await.unwrap();
    assert_eq!(numbers(history), [9, 8, 7]);
    assert_eq!(store.prune(0).await.unwrap(), 5);
    assert_eq!(
        store.last_sequence().await.unwrap(),
        Sequence(9),
        "numbers are never given twice"
    );
    let written = store.put(&busy, generation, &[EventKind::Updated]).await;
    written.unwrap();
    assert_eq!(numbers(store.events(Sequence(9), 9).await.unwrap()), [10]);
}

pub(crate) async fn lists_page_by_id(store: &dyn WorkspaceStore) {
    for suffix in ["00000005", "00000001", "00000003", "00000002", "00000004"] {
        create(store, &workspace(&format!("amber-falcon-{suffix}"))).await;
    }
    let mut query = Query::default();
    query.limit = 2;
    let mut ids = Vec::new();
    loop {
        let page = store.list(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = Some(last.id.clone());
        ids.extend(page.iter().map(|w| w.id.as_str()[13..].to_owned()));
    }
    assert_eq!(
        ids,
        ["00000001", "00000002", "00000003", "00000004", "00000005"]
    );
}

pub(crate) async fn lists_filter(store: &dyn WorkspaceStore) {
    let (mine, mut running, mut deleted) = (
        workspace("amber-falcon-00000001"),
        workspace("amber-falcon-00000002"),
        workspace("amber-falcon-00000003"),
    );
    running.desired = Desired::Running(InstanceId::random());
    deleted.desired = Desired::Deleted {
        at: SystemClock.now(),
    };
    for workspace in [&mine, &running, &deleted] {
        create(store, workspace).await;
    }
    let ids = |found: Vec<Workspace>| found.into_iter().map(|w| w.id).collect::<Vec<_>>();
    assert_eq!(
        ids(store.list(&Query::default()).await.unwrap()),
        [mine.id.clone(), running.id.clone()]
    );
    let mut owned = Query::default();
    owned.owner = Some(mine.spec.owner);
    assert_eq!(
        ids(store.list(&owned).await.unwrap()),
        std::slice::from_ref(&mine.id)
    );
    let mut active = Query::default();
    (active.active_only, active.include_deleted) = (true, true);
    assert_eq!(
        ids(store.list(&active).await.unwrap()),
        [running.id.clone(), deleted.id.clone()]
    );
    assert_eq!(
        mine.desired,
        Desired::Stopped(StopReason::Requested),
        "a workspace that never ran is quiet"
    );
}

pub(crate) async fn purged_means_gone_and_purging_nothing_succeeds(store: &dyn WorkspaceStore) {
    let workspace = workspace("amber-falcon-k3v9x2ab");
    store.purge(&workspace.id).await.unwrap();
    create(store, &workspace).await;
    store.purge(&workspace.id).await.unwrap();
    assert!(store.get(&workspace.id).await.unwrap().is_none());
}
