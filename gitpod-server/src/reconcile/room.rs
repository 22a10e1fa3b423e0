use std::collections::{HashMap, HashSet};
use std::time::Duration;

use gitpod_content::Room;
use gitpod_core::workspace::{EventKind, Failure, FailureReason, Phase, StopReason};
use gitpod_core::{Chain, ErrorKind, Result, WorkspaceId};
use gitpod_runtime::StopMode;
use tracing::{info, warn};

use super::Driver;

/// Between two looks; a fast disk takes a second for half of the reserve.
pub(super) const LOOK: Duration = Duration::from_millis(500);
/// The part of the reserve that is defended: what those that run have not written down yet may be a lot.
const LAST_PART: u64 = 2;
/// Rounds of one change, when others keep on changing the record.
const CONFLICTS: usize = 20;

/// What is remembered between two looks at the disk that all workspaces share.
#[derive(Debug, Default)]
pub(super) struct Watch {
    busy: bool,
    /// The volumes share no disk that could fill up.
    needless: bool,
    is_short: bool,
    /// Bytes that each took at the last look, while it is short.
    kept: HashMap<WorkspaceId, u64>,
    /// Those that were told to stop for it.
    stopped: HashSet<WorkspaceId>,
}

impl Watch {
    /// Whether there is nothing to look at.
    pub(super) fn is_needless(&self) -> bool {
        self.needless
    }
}

impl Driver {
    /// Looks at the disk that all workspaces share.
    ///
    /// Their own disks may promise more than it has. When it is nearly full no workspace starts (volumes refuse), so that those
    /// that run have the rest; when half of that is gone too, the one whose files grow most is killed before writes fail for
    /// all of them.
    pub(super) async fn look_at_room(&self) {
        if std::mem::replace(&mut self.room_watch().busy, true) {
            return;
        }
        match self.parts.volumes.room().await {
            Ok(Some(room)) if room.is_short() => self.defend(room).await,
            Ok(None) => self.room_watch().needless = true,
            Ok(Some(_)) => self.relax(),
            Err(error) => warn!(error = %Chain(&error), "cannot ask what is left of the disk"),
        }
        self.room_watch().busy = false;
    }

    fn relax(&self) {
        let mut watch = self.room_watch();
        if watch.is_short {
            info!("the data disk has room again");
            *watch = Watch::default();
        }
    }

    async fn defend(&self, room: Room) {
        let (free, reserve) = (room.free_bytes, room.reserve_bytes);
        if !std::mem::replace(&mut self.room_watch().is_short, true) {
            warn!(
                free,
                reserve, "the data disk is nearly full: no workspace starts until there is room"
            );
        }
        let Some((id, grown)) = self.fastest().await else {
            return;
        };
        if free >= reserve / LAST_PART || !self.room_watch().stopped.insert(id.clone()) {
            return;
        }
        warn!(workspace = %id, grown, free, "the data disk is full: the workspace that takes most is stopped");
        if let Err(error) = self.fail_for_room(&id).await {
            warn!(workspace = %id, error = %Chain(&error), "cannot stop the workspace");
            self.room_watch().stopped.remove(&id);
        }
    }

    /// Whose files grew most since the last look.
    async fn fastest(&self) -> Option<(WorkspaceId, u64)> {
        let mut kept = HashMap::new();
        for id in self.present() {
            // Gone meanwhile, or not measurable: not the one.
            if let Ok(Some(usage)) = self.parts.volumes.usage(&id).await {
                kept.insert(id, usage.kept_bytes);
            }
        }
        let before = std::mem::replace(&mut self.room_watch().kept, kept.clone());
        kept.into_iter()
            .filter_map(|(id, bytes)| {
                let grown = bytes.saturating_sub(*before.get(&id)?);
                Some((id, grown))
            })
            .max_by_key(|(_, grown)| *grown)
            .filter(|(_, grown)| *grown > 0)
    }

    async fn fail_for_room(&self, id: &WorkspaceId) -> Result<()> {
        for _ in 0..CONFLICTS {
            let Some(mut workspace) = self.parts.store.get(id).await? else {
                return Ok(());
            };
            let phase = workspace.status.phase;
            let Some(instance) = &mut workspace.status.instance else {
                return Ok(());
            };
            if matches!(phase, Phase::Stopping | Phase::Stopped) || instance.failure.is_some() {
                return Ok(());
            }
            let failure = Failure::new(
                FailureReason::DiskFull,
                "the server's data disk is full, and this workspace took most of what was left",
            )
            .with_hint("its files are kept; start it again when there is room: delete workspaces that nobody needs, or ask the operator for more");
            instance.failure = Some(failure.clone());
            // With the reason to stop: that it is killed is not to be taken for the cause.
            instance.stop_reason = Some(StopReason::Failed);
            let run = instance.id;
            let events = [EventKind::Failed { failure }];
            match self
                .parts
                .store
                .put(&workspace, workspace.generation, &events)
                .await
            {
                Ok(_) => {
                    self.poke(id);
                    // It writes on for as long as it is asked nicely.
                    return self.parts.runtime.stop(run, StopMode::Kill).await;
                }
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
