use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::StreamExt as _;
use gitpod_core::clock::elapsed;
use gitpod_core::workspace::plan::needs_attention;
use gitpod_core::workspace::timeout::expiry;
use gitpod_core::workspace::{Action, Decision, Facts, Generation, Phase, Wake, Workspace};
use gitpod_core::{Chain, Error, ErrorKind, InstanceId, Result, Timestamp, WorkspaceId};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, warn};

use super::Parts;
use super::hints::Hints;
use super::room;
use super::slot::{Activity, Slot};
use super::tenure::{AFTER_LOSS, Right, Session};
use super::timers::Timers;

/// Contents that are fetched at the same time; more would only share the same disk and network.
const INITS_AT_ONCE: usize = 8;
/// Rounds of one activation, when others keep on changing the record.
const CONFLICTS: usize = 20;
/// Before looking again at a workspace whose round failed.
pub(super) const AFTER_ERROR: Duration = Duration::from_secs(1);
/// Before reading a record again that was older than what is known.
const AFTER_STALE: Duration = Duration::from_millis(250);
/// Between two searches for instances that should not exist.
const SWEEP: Duration = Duration::from_mins(10);

/// The reconcile driver. Everything it remembers is in memory and may be lost.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) parts: Parts,
    pub(super) init_permits: Semaphore,
    hints: Hints,
    slots: Mutex<BTreeMap<WorkspaceId, Slot>>,
    instances: Mutex<BTreeMap<InstanceId, WorkspaceId>>,
    timers: Timers,
    tasks: TaskTracker,
    session: Mutex<CancellationToken>,
    /// Everything this driver ever begins ends with it; a session is one of its children.
    life: Mutex<CancellationToken>,
    replica: Mutex<Session>,
    orphans: AtomicBool,
    room: Mutex<room::Watch>,
}

impl Driver {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            parts,
            init_permits: Semaphore::new(INITS_AT_ONCE),
            hints: Hints::default(),
            slots: Mutex::default(),
            instances: Mutex::default(),
            timers: Timers::default(),
            tasks: TaskTracker::new(),
            session: Mutex::default(),
            life: Mutex::default(),
            replica: Mutex::default(),
            orphans: AtomicBool::new(false),
            room: Mutex::default(),
        }
    }

    /// Hints that something about a workspace changed.
    pub(crate) fn poke(&self, id: &WorkspaceId) {
        self.hints.add(id);
    }

    /// Notes that a workspace was written to: an older record is not to be taken for the newest any more.
    pub(crate) fn wrote(&self, id: &WorkspaceId, generation: Generation) {
        self.with_slot(id, |slot| slot.seen = slot.seen.max(generation));
        self.poke(id);
    }

    /// Whether a record is older than what was seen here before. To act on it would be to forget what was begun since.
    fn is_outdated(&self, record: &Workspace) -> bool {
        self.with_slot(&record.id, |slot| {
            let outdated = record.generation < slot.seen;
            slot.seen = slot.seen.max(record.generation);
            outdated
        })
    }

    /// Whether a record that is not found was perhaps only just created: it was written here once, or something is under way.
    fn may_be_too_early(&self, id: &WorkspaceId) -> bool {
        self.with_slot(id, |slot| {
            slot.seen == Generation(1) || slot.effects.any_running()
        })
    }

    fn after_stale(&self) -> Option<Wake> {
        let soon = self.parts.clock.now().saturating_add(AFTER_STALE);
        soon.ok().map(Wake::At)
    }

    /// When the workspace's instance stops by itself.
    pub(crate) fn stops_at(&self, workspace: &Workspace) -> Option<Timestamp> {
        let instance = workspace.status.instance.as_ref()?;
        if workspace.status.phase != Phase::Running {
            return None;
        }
        let mut facts = Facts::new(self.parts.clock.now());
        if let Some(slot) = self.slots().get(&workspace.id) {
            facts.last_activity = slot.activity.last;
            facts.closed_at = slot.activity.closed;
        }
        Some(expiry(instance, &facts, &self.parts.policy).0)
    }

    /// Notes a sign of a user; costs a lock and no I/O.
    pub(crate) fn note_activity(&self, id: &WorkspaceId, closed: bool) {
        self.note_activity_at(id, self.parts.clock.now(), closed);
    }

    /// Notes a sign of a user that was at `now`.
    pub(super) fn note_activity_at(&self, id: &WorkspaceId, now: Timestamp, closed: bool) {
        let came_back = self.slots().get_mut(id).is_some_and(|slot| {
            let was_closed = slot.activity.closed.is_some();
            slot.activity = if closed {
                Activity {
                    closed: Some(now),
                    ..slot.activity
                }
            } else {
                Activity {
                    last: slot.activity.last.max(Some(now)),
                    closed: slot.activity.closed.filter(|closed| *closed > now),
                }
            };
            was_closed && slot.activity.closed.is_none()
        });
        if closed || came_back {
            self.poke(id);
        }
    }

    /// Begins a session with an empty memory, as a new process would. Cancelling its token is this driver's `kill -9`: everything
    /// under way ends where it is.
    pub(crate) fn begin_session(&self) -> CancellationToken {
        let life = CancellationToken::new();
        *self.life() = life.clone();
        self.forget_all();
        life
    }

    /// Forgets everything, as a new process would.
    fn forget_all(&self) {
        *self.session() = self.life().child_token();
        *self.replica() = None;
        self.slots().clear();
        self.instances().clear();
        self.timers.clear();
        *self.room_watch() = room::Watch::default();
    }

    fn life(&self) -> MutexGuard<'_, CancellationToken> {
        self.life
            .lock()
            .expect("because no holder of this lock can panic")
    }

    pub(super) fn replica(&self) -> MutexGuard<'_, Session> {
        self.replica
            .lock()
            .expect("because no holder of this lock can panic")
    }

    /// Notes that other replicas left workspaces behind that nobody has looked at yet.
    pub(super) fn orphaned(&self) {
        self.orphans.store(true, Ordering::Relaxed);
    }

    pub(super) fn no_orphans(&self) {
        self.orphans.store(false, Ordering::Relaxed);
    }

    pub(super) fn has_orphans(&self) -> bool {
        self.orphans.load(Ordering::Relaxed)
    }

    /// Whether this replica holds the workspace's lease.
    pub(super) fn drives(&self, id: &WorkspaceId) -> bool {
        self.slots()
            .get(id)
            .is_some_and(|slot| slot.fence.is_some())
    }

    fn session(&self) -> MutexGuard<'_, CancellationToken> {
        self.session
            .lock()
            .expect("because no holder of this lock can panic")
    }

    /// Drives until `stop`; then no new round begins, effects under way are given up after `grace`.
    ///
    /// Instances go on running: the next driver finds them again.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken, grace: Duration) {
        loop {
            let lost = self.serve(&stop).await;
            self.tasks.close();
            for slot in self.slots().values() {
                if let Some(watcher) = &slot.watcher {
                    watcher.abort();
                }
            }
            let grace = if lost { Duration::ZERO } else { grace };
            let done = tokio::time::timeout(grace, self.tasks.wait()).await;
            if done.is_err() {
                debug!("effects under way are given up; they are made good at the next start");
                self.session().cancel();
                self.tasks.wait().await;
            }
            if !lost {
                self.leave().await;
                return;
            }
            warn!("this replica was not heard of for too long: it begins anew");
            self.forget_all();
            self.tasks.reopen();
            tokio::time::sleep(AFTER_LOSS).await;
        }
    }

    /// Drives until `stop`, or until the replica's session may be lost; says whether it is.
    async fn serve(self: &Arc<Self>, stop: &CancellationToken) -> bool {
        let mut watch = self.parts.runtime.watch();
        if stop
            .run_until_cancelled(self.begin_service())
            .await
            .is_none()
        {
            return false;
        }
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut look = tokio::time::interval(room::LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut lost = std::pin::pin!(self.keep_session());
        loop {
            // In this order and no other, so that a simulation can repeat it; each branch is short, so none waits for long.
            tokio::select! {
                biased;
                () = stop.cancelled() => return false,
                () = &mut lost => return true,
                _ = look.tick(), if !self.room_watch().is_needless() => {
                    let driver = Arc::clone(self);
                    self.spawn(async move { driver.look_at_room().await });
                }
                _ = sweep.tick() => {
                    let driver = Arc::clone(self);
                    self.spawn(async move {
                        if let Err(error) = driver.sweep().await {
                            warn!(error = %Chain(&error), "cannot look for stray instances");
                        }
                    });
                }
                id = self.timers.next() => self.begin_round(id),
                Some(instance) = watch.next() => {
                    if let Some(id) = self.workspace_of(instance) {
                        self.begin_round(id);
                    }
                }
                id = self.hints.next() => self.begin_round(id),
            }
        }
    }

    /// Joins the other replicas, if there may be any, and finds what there is to do.
    async fn begin_service(self: &Arc<Self>) {
        self.join().await;
        loop {
            let begun = async {
                if self.parts.leases.is_some() {
                    let after = self.parts.store.last_sequence().await?;
                    let driver = Arc::clone(self);
                    self.recover().await?;
                    self.spawn(driver.follow(after));
                    return Ok(());
                }
                self.recover().await
            };
            match begun.await {
                Ok(()) => return,
                Err(error) => {
                    error!(error = %Chain(&error), "cannot read the records, trying again");
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    fn begin_round(self: &Arc<Self>, id: WorkspaceId) {
        let busy = self.with_slot(&id, |slot| {
            slot.again = slot.busy;
            std::mem::replace(&mut slot.busy, true)
        });
        if busy {
            return;
        }
        let driver = Arc::clone(self);
        self.spawn(async move {
            let wake = driver.round(&id).await;
            driver.end_round(&id, wake);
        });
    }

    fn end_round(&self, id: &WorkspaceId, wake: Result<Option<Wake>>) {
        let again = self.with_slot(id, |slot| {
            slot.busy = false;
            std::mem::take(&mut slot.again)
        });
        let pause = match wake {
            Ok(Some(Wake::At(time))) => Some(elapsed(self.parts.clock.now(), time)),
            Ok(Some(Wake::OnChange) | None) => None,
            Err(error) => {
                warn!(workspace = %id, error = %Chain(&error), "cannot reconcile the workspace");
                Some(AFTER_ERROR)
            }
        };
        self.timers.set(id, pause);
        if again {
            self.poke(id);
        } else if pause.is_none() {
            self.forget_if_idle(id);
        }
    }

    /// One round: observe, decide, write, begin what is to be done. `None` when there is no such workspace any more, or it is not
    /// ours to look after.
    async fn round(self: &Arc<Self>, id: &WorkspaceId) -> Result<Option<Wake>> {
        for _ in 0..CONFLICTS {
            let Some(old) = self.parts.store.get(id).await? else {
                if self.may_be_too_early(id) {
                    return Ok(self.after_stale());
                }
                self.with_slot(id, |slot| slot.turn_to(None));
                self.let_go(id).await;
                return Ok(None);
            };
            if self.is_outdated(&old) {
                return Ok(self.after_stale());
            }
            let right = self.right_to(&old).await?;
            if let Right::None(wake) = right {
                return Ok(Some(wake));
            }
            let facts = self.observe(&old).await;
            let mut round = (self.parts.decide)(&old, &facts, &self.parts.policy);
            round.workspace.fence = right.fence(old.fence);
            self.note_limits(&mut round.workspace);
            if round.workspace != old || !round.events.is_empty() {
                let written = self
                    .parts
                    .store
                    .put(&round.workspace, old.generation, &round.events)
                    .await;
                match written {
                    Ok(generation) => self.with_slot(id, |slot| slot.seen = generation),
                    Err(error) if error.kind() == ErrorKind::Conflict => continue,
                    Err(error) => return Err(error),
                }
            }
            let (from, to) = (old.status.phase, round.workspace.status.phase);
            if from != to {
                debug!(workspace = %id, from = from.as_str(), to = to.as_str(), "phase changed");
                self.poke(id); // some edges take two rounds
            }
            let wake = round.decision.wake;
            let quiet = !needs_attention(&round.workspace);
            self.begin(round.workspace, round.decision);
            if quiet {
                self.let_go(id).await;
            }
            return Ok(Some(wake));
        }
        Err(Error::new(
            ErrorKind::Conflict,
            "others keep on changing the workspace",
        ))
    }

    /// Begins what was decided.
    fn begin(self: &Arc<Self>, workspace: Workspace, decision: Decision) {
        let current = workspace.status.instance.as_ref().map(|i| i.id);
        let workspace = Arc::new(workspace);
        let mut watched = None;
        self.with_slot(&workspace.id, |slot| slot.turn_to(current));
        for action in decision.actions {
            match action {
                Action::WatchSupervisor { instance } => watched = Some(instance),
                Action::Cancel { effect } => self.cancel(&workspace.id, effect),
                action => {
                    if let Some(effect) = action.effect() {
                        self.begin_effect(&workspace, effect, action);
                    }
                }
            }
        }
        self.watch_supervisor(&workspace.id, watched);
        if watched.is_some() {
            self.show_ports(&workspace);
        }
        if workspace.status.phase == Phase::Stopped
            && let Some(instance) = current
        {
            self.instances().remove(&instance);
        }
    }

    fn forget_if_idle(&self, id: &WorkspaceId) {
        let mut slots = self.slots();
        if slots.get(id).is_some_and(Slot::is_idle) {
            slots.remove(id);
        }
    }

    pub(super) fn remember_instance(&self, instance: InstanceId, id: &WorkspaceId) {
        self.instances()
            .entry(instance)
            .or_insert_with(|| id.clone());
    }

    fn workspace_of(&self, instance: InstanceId) -> Option<WorkspaceId> {
        self.instances().get(&instance).cloned()
    }

    pub(super) fn with_slot<T>(&self, id: &WorkspaceId, f: impl FnOnce(&mut Slot) -> T) -> T {
        f(self.slots().entry(id.clone()).or_default())
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<WorkspaceId, Slot>> {
        self.slots
            .lock()
            .expect("because no holder of this lock can panic")
    }

    /// Workspaces that have an instance.
    pub(super) fn present(&self) -> Vec<WorkspaceId> {
        self.instances().values().cloned().collect()
    }

    pub(super) fn room_watch(&self) -> MutexGuard<'_, room::Watch> {
        self.room
            .lock()
            .expect("because no holder of this lock can panic")
    }

    fn instances(&self) -> MutexGuard<'_, BTreeMap<InstanceId, WorkspaceId>> {
        self.instances
            .lock()
            .expect("because no holder of this lock can panic")
    }

    /// Every task of the driver is tracked, and ends when the driver is told to give up.
    pub(super) fn spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> tokio::task::AbortHandle {
        let stop = self.session().clone();
        self.tasks
            .spawn(async move {
                // A task that is given up leaves nothing half-made: effects are idempotent.
                let _ = stop.run_until_cancelled_owned(task).await;
            })
            .abort_handle()
    }
}
