use std::collections::BTreeMap;

use gitpod_content::Volume;
use gitpod_core::ide::IdeSpec;
use gitpod_core::image::ResolvedImage;
use gitpod_core::port::PortChoice;
use gitpod_core::store::Fence;
use gitpod_core::workspace::{EffectKind, Effects, Generation, SupervisorFacts};
use gitpod_core::{InstanceId, Timestamp};
use tokio::task::AbortHandle;

/// What the driver remembers of one workspace. All of it may be lost at any moment: it is observed or made again.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The instance that everything below is about.
    pub(super) instance: Option<InstanceId>,
    pub(super) effects: Effects,
    pub(super) prepared: Prepared,
    pub(super) under_way: BTreeMap<EffectKind, AbortHandle>,
    pub(super) supervisor: Option<SupervisorFacts>,
    pub(super) watcher: Option<AbortHandle>,
    /// What its supervisor was told of ports, or is being told.
    pub(super) shown: Vec<PortChoice>,
    pub(super) strays: Vec<InstanceId>,
    pub(super) activity: Activity,
    /// That of the workspace's lease, while this replica holds it.
    pub(super) fence: Option<Fence>,
    /// The newest generation of the record that was ever read or written here.
    pub(super) seen: Generation,
    /// A round is under way; at most one is.
    pub(super) busy: bool,
    /// A hint came while busy.
    pub(super) again: bool,
}

/// What the preparations of a start brought.
#[derive(Debug, Default, Clone)]
pub(super) struct Prepared {
    pub(super) image: Option<ResolvedImage>,
    pub(super) editor: Option<IdeSpec>,
    pub(super) volume: Option<Volume>,
}

/// Signs of a user.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Activity {
    pub(super) last: Option<Timestamp>,
    pub(super) closed: Option<Timestamp>,
}

impl Slot {
    /// Starts afresh if the workspace's current instance is another one. Effects about the last one go on to their end, but
    /// nobody hears of it: they are idempotent, and a new instance begins only when the last one is gone.
    pub(super) fn turn_to(&mut self, instance: Option<InstanceId>) {
        if self.instance == instance {
            return;
        }
        self.instance = instance;
        self.effects = Effects::default();
        self.prepared = Prepared::default();
        self.under_way.clear();
        self.supervisor = None;
        self.shown.clear();
        self.activity = Activity::default();
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
    }

    /// Ends all work on the workspace: another replica drives it now.
    pub(super) fn abandon(&mut self) {
        for task in std::mem::take(&mut self.under_way).into_values() {
            task.abort();
        }
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
        *self = Self {
            busy: self.busy,
            again: self.again,
            seen: self.seen,
            ..Self::default()
        };
    }

    /// Whether forgetting it loses nothing worth remembering.
    pub(super) fn is_idle(&self) -> bool {
        !self.busy
            && !self.again
            && self.watcher.is_none()
            && self.strays.is_empty()
            && self.fence.is_none()
            && !self.effects.any_running()
    }
}
