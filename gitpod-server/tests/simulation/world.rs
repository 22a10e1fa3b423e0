//! What is true, whatever the replicas believe: backends, time, chance, faults, and the trace.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use gitpod_content::memory::{MemoryRepositories, MemoryRepository, MemoryVolumes};
use gitpod_core::store::WorkspaceStore as _;
use gitpod_core::workspace::Workspace;
use gitpod_core::{Clock, Error, ErrorKind, Result, Timestamp, WorkspaceId};
use gitpod_runtime::memory::MemoryRuntime;
use gitpod_server::platform::DEMO_REPOSITORY;
use gitpod_server::store::MemoryStore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::chance::Dice;
use crate::rules::{Broken, Rule};

/// Virtual time.
#[derive(Debug)]
pub(crate) struct VirtualClock(Instant);

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        start.saturating_add(self.0.elapsed()).unwrap()
    }
}

/// Older versions of a record that a stale read may still give, and until when each was the newest.
pub(crate) type Versions = BTreeMap<WorkspaceId, Vec<(Instant, Option<Workspace>)>>;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) runtime: MemoryRuntime,
    pub(crate) volumes: MemoryVolumes,
    pub(crate) repositories: Arc<MemoryRepositories>,
    pub(crate) store: MemoryStore,
    pub(crate) versions: Mutex<Versions>,
    /// Faults happen.
    pub(crate) trouble: AtomicBool,
    /// Nothing is to be done for what is stopped any more.
    pub(crate) quiet: AtomicBool,
    store_out_until: Mutex<Instant>,
    runtime_out_until: Mutex<Instant>,
    broken: Mutex<Option<Broken>>,
    trace: Option<Mutex<Vec<String>>>,
    pub(crate) calls: AtomicU64,
    start: Instant,
}

/// A call of a backend that may meet trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Runtime,
    Content,
    Preparation,
    Store,
}

impl World {
    pub(crate) fn new(seed: u64, traced: bool) -> Self {
        let start = Instant::now();
        let clock = Arc::new(VirtualClock(start));
        let demo = MemoryRepository::new().with_branch("dev");
        Self {
            dice: Dice::new(seed),
            runtime: MemoryRuntime::new(Arc::clone(&clock) as _),
            volumes: MemoryVolumes::default(),
            repositories: Arc::new(
                MemoryRepositories::new().with_repository(DEMO_REPOSITORY, demo),
            ),
            store: MemoryStore::new(Arc::clone(&clock) as _),
            versions: Mutex::default(),
            trouble: AtomicBool::new(true),
            quiet: AtomicBool::new(false),
            store_out_until: Mutex::new(start),
            runtime_out_until: Mutex::new(start),
            broken: Mutex::default(),
            trace: traced.then(Mutex::default),
            calls: AtomicU64::new(0),
            clock,
            start,
        }
    }

    /// Tells what happened, if somebody wants to know.
    pub(crate) fn note(&self, what: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let at = self.start.elapsed();
            trace
                .lock()
                .unwrap()
                .push(format!("{:>11.3}s  {}", at.as_secs_f64(), what()));
        }
    }

    /// A promise was not kept; the first one counts.
    pub(crate) fn breaks(&self, broken: Broken) {
        self.note(|| format!("BROKEN {broken}"));
        self.broken.lock().unwrap().get_or_insert(broken);
    }

    pub(crate) fn break_rule(&self, rule: Rule, how: impl fmt::Display) {
        let how = how.to_string();
        self.breaks(Broken { rule, how });
    }

    pub(crate) fn broken(&self) -> Option<Broken> {
        self.broken.lock().unwrap().clone()
    }

    pub(crate) fn take_trace(&self) -> Vec<String> {
        let trace = self.trace.as_ref();
        trace
            .map(|trace| std::mem::take(&mut *trace.lock().unwrap()))
            .unwrap_or_default()
    }

    pub(crate) fn in_trouble(&self) -> bool {
        self.trouble.load(Ordering::Relaxed)
    }

    pub(crate) fn versions(&self) -> MutexGuard<'_, Versions> {
        self.versions.lock().unwrap()
    }

    /// The store answers nobody for a while.
    pub(crate) fn store_fails_for(&self, time: Duration) {
        self.note(|| format!("the store is out for {time:?}"));
        *self.store_out_until.lock().unwrap() = Instant::now() + time;
    }

    /// The runtime answers nobody for a while.
    pub(crate) fn runtime_fails_for(&self, time: Duration) {
        self.note(|| format!("the runtime is out for {time:?}"));
        *self.runtime_out_until.lock().unwrap() = Instant::now() + time;
    }

    pub(crate) async fn record(&self, id: &WorkspaceId) -> Option<Workspace> {
        self.store.get(id).await.unwrap()
    }

    fn is_out(&self, site: Site) -> bool {
        let until = match site {
            Site::Store => &self.store_out_until,
            Site::Runtime => &self.runtime_out_until,
            Site::Content | Site::Preparation => return false,
        };
        self.in_trouble() && Instant::now() < *until.lock().unwrap()
    }
}

/// One life of a server process.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) world: Arc<World>,
    pub(crate) name: String,
    pub(crate) killed: CancellationToken,
}

impl Life {
    /// A call with the faults that come its way: late, refused before or after it took place, or the last thing its process did.
    pub(crate) async fn call<T>(
        &self,
        site: Site,
        what: impl Fn() -> String,
        effect: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let world = &self.world;
        world.calls.fetch_add(1, Ordering::Relaxed);
        self.trouble(site, "before", &what).await?;
        let result = effect.await;
        let ended = if result.is_ok() { "ok" } else { "refused" };
        world.note(|| format!("{} {}: {ended}", self.name, what()));
        self.trouble(site, "after", &what).await?;
        result
    }

    async fn trouble(&self, site: Site, when: &str, what: &impl Fn() -> String) -> Result<()> {
        let world = &self.world;
        if world.is_out(site) {
            return Err(Error::new(ErrorKind::Unavailable, "injected: out of order"));
        }
        if !world.in_trouble() || site == Site::Store && !world.dice.happens(300) {
            return Ok(());
        }
        let dice = &world.dice;
        match dice.below(400) {
            0..200 => tokio::time::sleep(dice.pause(Duration::from_millis(500))).await,
            200..208 => {
                let pause = dice.pause(Duration::from_mins(1));
                world.note(|| format!("{} {}: slow {when}, {pause:?}", self.name, what()));
                tokio::time::sleep(pause).await;
            }
            208..224 => {
                world.note(|| format!("{} {}: error {when}", self.name, what()));
                return Err(Error::new(ErrorKind::Unavailable, "injected: no answer"));
            }
            224..227 if site != Site::Store => {
                world.note(|| format!("{} {}: lasting error {when}", self.name, what()));
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "injected: it cannot be done",
                ));
            }
            227..230 => {
                world.note(|| format!("{} {}: killed {when}", self.name, what()));
                self.killed.cancel();
                return std::future::pending().await;
            }
            _ => {}
        }
        Ok(())
    }
}
