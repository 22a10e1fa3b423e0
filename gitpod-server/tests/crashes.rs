//! The server is killed at random moments of starts and stops, over backends that are slow and fail now and then: no
//! workspace is lost, stuck or doubled.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_core::access::Principal;
use gitpod_core::instance::{InstanceSpec, InstanceState};
use gitpod_core::store::Query;
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{ContentState, Desired, Phase, Sequence, Workspace};
use gitpod_core::{Error, ErrorKind, InstanceId, Result, SystemClock, WorkspaceId};
use gitpod_runtime::memory::MemoryRuntime;
use gitpod_runtime::{RuntimeInfo, StopMode, WorkspaceRuntime};
use gitpod_server::platform::DEMO_REPOSITORY;
use gitpod_server::store::{Keyring, SqliteStore};
use gitpod_server::{CreateWorkspace, Platform};

const WORKSPACES: usize = 8;
const KILLS: usize = 20;

/// A repeatable sequence of numbers (xorshift).
#[derive(Debug)]
struct Dice(AtomicU64);

impl Dice {
    fn roll(&self, below: u64) -> u64 {
        let step = |mut x: u64| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^ (x << 17)
        };
        let update = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |x| Some(step(x)));
        update.unwrap_or(1) % below
    }
}

/// A runtime that takes its time and fails one call in ten, before or after the effect.
#[derive(Debug)]
struct Unreliable {
    inner: MemoryRuntime,
    dice: Arc<Dice>,
}

impl Unreliable {
    async fn trouble(&self) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(self.dice.roll(5))).await;
        if self.dice.roll(20) == 0 {
            return Err(Error::new(ErrorKind::Unavailable, "injected"));
        }
        Ok(())
    }
}

#[async_trait]
impl WorkspaceRuntime for Unreliable {
    fn info(&self) -> RuntimeInfo {
        self.inner.info()
    }

    async fn ensure(&self, spec: &InstanceSpec) -> Result<()> {
        self.trouble().await?;
        self.inner.ensure(spec).await?;
        self.trouble().await
    }

    async fn inspect(&self, id: InstanceId) -> Result<Option<InstanceState>> {
        self.trouble().await?;
        self.inner.inspect(id).await
    }

    async fn list(&self) -> Result<Vec<InstanceState>> {
        self.inner.list().await
    }

    async fn stop(&self, id: InstanceId, mode: StopMode) -> Result<()> {
        self.trouble().await?;
        self.inner.stop(id, mode).await?;
        self.trouble().await
    }

    async fn remove(&self, id: InstanceId) -> Result<()> {
        self.trouble().await?;
        self.inner.remove(id).await?;
        self.trouble().await
    }

    fn watch(&self) -> BoxStream<'static, InstanceId> {
        self.inner.watch()
    }
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.start_attempts = 100; // faults are many here, and none of them lasting
    policy.backoff_first = Duration::from_millis(1);
    policy.backoff_most = Duration::from_millis(20);
    policy.resync = Duration::from_millis(200);
    policy
}

fn platform(parts: &Arc<Unreliable>, store: &SqliteStore) -> Platform {
    // Volumes and repositories survive a server; here they are shared by all platforms of the test.
    Platform::in_memory_builder()
        .runtime(Arc::clone(parts) as _)
        .store(Arc::new(store.clone()))
        .policy(policy())
        .build()
        .unwrap()
}

fn is_settled(workspace: &Workspace) -> bool {
    match workspace.desired {
        Desired::Running(wanted) => {
            let current = workspace.status.instance.as_ref().map(|i| i.id);
            workspace.status.phase == Phase::Running && current == Some(wanted)
        }
        Desired::Stopped(_) | Desired::Deleted { .. } => workspace.status.phase == Phase::Stopped,
    }
}

async fn at_most_one_each(runtime: &MemoryRuntime, ids: &[WorkspaceId]) {
    let alive = runtime.list().await.unwrap();
    for id in ids {
        let instances = alive.iter().filter(|state| state.workspace == *id).count();
        assert!(instances <= 1, "{id} is doubled: {alive:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "one schedule, told in order")]
async fn killed_at_random_moments_it_loses_nothing() {
    let seed = 0x9e37_79b9_7f4a_7c15;
    let dice = Arc::new(Dice(AtomicU64::new(seed)));
    let runtime = MemoryRuntime::default();
    let unreliable = Arc::new(Unreliable {
        inner: runtime.clone(),
        dice: Arc::clone(&dice),
    });
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(
        &dir.path().join("gitpod.db"),
        Keyring::ephemeral().unwrap(),
        Arc::new(SystemClock),
    )
    .await
    .unwrap();
    let by = Principal::System;
    let platform = platform(&unreliable, &store);
    let mut ids = Vec::new();
    for _ in 0..WORKSPACES {
        let request = CreateWorkspace::new(DEMO_REPOSITORY);
        ids.push(platform.create(&by, request).await.unwrap().id);
    }
    for _ in 0..KILLS {
        let server = platform.spawn();
        for _ in 0..3 {
            let id = &ids[usize::try_from(dice.roll(WORKSPACES as u64)).unwrap()];
            let _ = match dice.roll(2) {
                0 => platform.start(&by, id).await.unwrap(),
                _ => platform.stop(&by, id).await.unwrap(),
            };
        }
        tokio::time::sleep(Duration::from_millis(dice.roll(40))).await;
        at_most_one_each(&runtime, &ids).await;
        drop(server);
    }

    let server = platform.spawn();
    let settled = async {
        let mut events = platform.subscribe(&by, Sequence(0));
        loop {
            let all = platform.list(&by, Query::default()).await.unwrap();
            assert_eq!(all.len(), WORKSPACES, "a workspace is lost");
            if all.iter().all(is_settled) {
                return all;
            }
            events.next().await.unwrap().unwrap();
        }
    };
    let Ok(all) = tokio::time::timeout(Duration::from_secs(30), settled).await else {
        let all = platform.list(&by, Query::default()).await.unwrap();
        let stuck = all.into_iter().filter(|w| !is_settled(w));
        let stuck: Vec<_> = stuck.map(|w| (w.desired, w.status)).collect();
        panic!("stuck (seed {seed:#x}): {stuck:#?}");
    };
    at_most_one_each(&runtime, &ids).await;
    let alive = runtime.list().await.unwrap();
    let running = all.iter().filter(|w| w.status.phase == Phase::Running);
    assert_eq!(
        alive.len(),
        running.count(),
        "something runs that nobody wants"
    );
    assert!(
        all.iter()
            .all(|w| !w.status.ever_ran || w.status.content == ContentState::Present)
    );
    server.drain().await;
}
