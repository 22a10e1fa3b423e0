//! Two platforms over one store: each workspace is driven by one of them, and by the other once that one is gone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use gitpod_content::memory::MemoryVolumes;
use gitpod_core::access::Principal;
use gitpod_core::store::WorkspaceStore as _;
use gitpod_core::workspace::{Phase, Workspace};
use gitpod_core::{Clock, Timestamp, WorkspaceId};
use gitpod_runtime::WorkspaceRuntime as _;
use gitpod_runtime::memory::MemoryRuntime;
use gitpod_server::platform::DEMO_REPOSITORY;
use gitpod_server::store::MemoryStore;
use gitpod_server::{CreateWorkspace, Platform};
use tokio::time::Instant;

/// Time that waits for nobody: tokio's, which is paused in these tests.
#[derive(Debug)]
struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
            .saturating_add(self.0.elapsed())
            .unwrap()
    }
}

/// What the replicas share.
struct Shared {
    clock: Arc<Virtual>,
    runtime: MemoryRuntime,
    volumes: Arc<MemoryVolumes>,
    store: MemoryStore,
}

impl Shared {
    fn new() -> Self {
        let clock = Arc::new(Virtual(Instant::now()));
        Self {
            runtime: MemoryRuntime::new(Arc::clone(&clock) as _),
            volumes: Arc::default(),
            store: MemoryStore::new(Arc::clone(&clock) as _),
            clock,
        }
    }

    fn replica(&self) -> Platform {
        let store = Arc::new(self.store.clone());
        Platform::in_memory_builder()
            .runtime(Arc::new(self.runtime.clone()))
            .volumes(Arc::clone(&self.volumes) as _)
            .store(Arc::clone(&store) as _)
            .leases(store)
            .clock(Arc::clone(&self.clock) as _)
            .build()
            .unwrap()
    }

    async fn record(&self, id: &WorkspaceId) -> Workspace {
        self.store.get(id).await.unwrap().unwrap()
    }
}

const BY: Principal = Principal::System;

#[tokio::test(start_paused = true)]
async fn a_wish_told_to_one_replica_is_done_by_the_other() {
    let shared = Shared::new();
    let (a, b) = (shared.replica(), shared.replica());
    let (at_a, at_b) = (a.spawn(), b.spawn());
    let id = a
        .create(&BY, CreateWorkspace::new(DEMO_REPOSITORY))
        .await
        .unwrap()
        .id;
    b.wait_until_running(&BY, &id).await.unwrap();
    let fence = shared.record(&id).await.fence;
    assert!(fence.0 > 0, "driven under a lease");
    let asked = Instant::now();
    b.stop(&BY, &id).await.unwrap();
    b.wait_until_stopped(&BY, &id).await.unwrap();
    assert_eq!(
        shared.record(&id).await.fence,
        fence,
        "by who drove it before"
    );
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "at once: {:?}",
        asked.elapsed()
    );
    // Now nobody holds it: the one that is asked takes it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    b.start(&BY, &id).await.unwrap();
    a.wait_until_running(&BY, &id).await.unwrap();
    assert!(shared.record(&id).await.fence > fence);
    assert_eq!(shared.runtime.list().await.unwrap().len(), 1);
    at_a.drain().await;
    at_b.drain().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_replica_drove_is_taken_over() {
    let shared = Shared::new();
    let (a, b) = (shared.replica(), shared.replica());
    let (at_a, at_b) = (a.spawn(), b.spawn());
    let id = a
        .create(&BY, CreateWorkspace::new(DEMO_REPOSITORY))
        .await
        .unwrap()
        .id;
    a.wait_until_running(&BY, &id).await.unwrap();
    let before = shared.record(&id).await;
    drop(at_a); // as `kill -9` would
    b.stop(&BY, &id).await.unwrap();
    let asked = Instant::now();
    b.wait_until_stopped(&BY, &id).await.unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(40),
        "{:?}",
        asked.elapsed()
    );
    let after = shared.record(&id).await;
    assert!(after.fence > before.fence);
    assert_eq!(after.status.phase, Phase::Stopped);
    assert!(shared.runtime.list().await.unwrap().is_empty());
    at_b.drain().await;
}

#[tokio::test(start_paused = true)]
async fn who_leaves_in_an_orderly_way_is_followed_soon() {
    let shared = Shared::new();
    let (a, b) = (shared.replica(), shared.replica());
    let (at_a, at_b) = (a.spawn(), b.spawn());
    let id = a
        .create(&BY, CreateWorkspace::new(DEMO_REPOSITORY))
        .await
        .unwrap()
        .id;
    a.wait_until_running(&BY, &id).await.unwrap();
    at_a.drain().await;
    b.stop(&BY, &id).await.unwrap();
    let asked = Instant::now();
    b.wait_until_stopped(&BY, &id).await.unwrap();
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    at_b.drain().await;
}
