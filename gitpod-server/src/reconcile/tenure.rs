use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use gitpod_core::store::{Claim, Fence, LeaseStore};
use gitpod_core::workspace::plan::needs_attention;
use gitpod_core::workspace::{Desired, EventKind, Phase, Sequence, Wake, Workspace};
use gitpod_core::{Chain, Error, ErrorKind, ReplicaId, Result};
use tokio::time::Instant;
use tracing::{debug, warn};

use super::Driver;
use super::driver::AFTER_ERROR;
use crate::entropy::replica_id;

/// The session is renewed this many times while it would last.
const RENEWALS: u32 = 3;
/// Of the session, this part is left when work stops because it could not be renewed: enough for what is under way to end before
/// another replica begins.
const MARGIN: u32 = 5;
/// Events of other replicas read at once.
const PAGE: usize = 256;

/// Whether this replica may drive a workspace.
#[derive(Debug, Clone, Copy)]
pub(super) enum Right {
    /// It is the only replica.
    Sole,
    /// It holds the lease.
    Leased(Fence),
    /// It may not, and looks again then, if at all.
    None(Wake),
}

impl Right {
    /// What is written with a record.
    pub(super) fn fence(self, old: Fence) -> Fence {
        match self {
            Self::Leased(fence) => fence,
            Self::Sole | Self::None(_) => old,
        }
    }
}

/// The part of a replica among others. With a single one (no leases) nothing of it costs anything.
impl Driver {
    fn leases(&self) -> Option<&Arc<dyn LeaseStore>> {
        self.parts.leases.as_ref()
    }

    /// Begins a session of its own among the replicas; tries until it has one.
    pub(super) async fn join(&self) {
        let Some(leases) = self.leases() else {
            return;
        };
        let replica = replica_id(&*self.parts.entropy);
        loop {
            let asked = Instant::now();
            match leases.join(replica, self.parts.policy.lease).await {
                Ok(()) => {}
                // An answer that got lost: the session is there, if it was not that of another process by a miracle.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    warn!(error = %Chain(&error), "cannot join the replicas, trying again");
                    tokio::time::sleep(AFTER_ERROR).await;
                    continue;
                }
            }
            *self.replica() = Some((replica, asked));
            return;
        }
    }

    /// Keeps the session; returns when it is lost, or may be.
    pub(super) async fn keep_session(&self) {
        let (Some(leases), Some((replica, mut renewed))) = (self.leases(), *self.replica()) else {
            return std::future::pending().await;
        };
        let ttl = self.parts.policy.lease;
        loop {
            let end = renewed + ttl.saturating_sub(ttl / MARGIN);
            tokio::time::sleep_until((renewed + ttl / RENEWALS).max(Instant::now())).await;
            loop {
                let asked = Instant::now();
                match tokio::time::timeout_at(end, leases.renew(replica, ttl)).await {
                    Ok(Ok(())) => {
                        renewed = asked;
                        break;
                    }
                    Ok(Err(error)) if error.kind() == ErrorKind::FailedPrecondition => return,
                    Ok(Err(error)) => {
                        warn!(error = %Chain(&error), "cannot renew the leases, trying again");
                        tokio::time::sleep((ttl / 20).min(AFTER_ERROR)).await;
                    }
                    Err(_) => return,
                }
                if end <= Instant::now() {
                    return;
                }
            }
            self.look_after_lapsed(&**leases).await;
        }
    }

    /// Takes over what replicas left that are not heard of any more.
    async fn look_after_lapsed(&self, leases: &dyn LeaseStore) {
        let taken = async {
            let lapsed = leases.reap().await?;
            if !lapsed.is_empty() {
                warn!(
                    ?lapsed,
                    "replicas are gone: their workspaces are taken over"
                );
                self.orphaned();
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = taken.await {
            warn!(error = %Chain(&error), "cannot look for replicas that are gone");
        }
        if self.has_orphans()
            && let Err(error) = self.recover().await
        {
            warn!(error = %Chain(&error), "cannot read the records, trying again");
        } else {
            self.no_orphans();
        }
    }

    /// Ends the session, so that others need not wait for its end.
    pub(super) async fn leave(&self) {
        let (Some(leases), Some((replica, _))) = (self.leases(), self.replica().take()) else {
            return;
        };
        let left = tokio::time::timeout(self.parts.policy.lease, leases.leave(replica));
        if let Ok(Err(error)) = left.await {
            debug!(error = %Chain(&error), "cannot leave the replicas; the session lapses");
        }
    }

    /// Whether this replica drives the workspace; takes its lease if nobody else does.
    pub(super) async fn right_to(&self, workspace: &Workspace) -> Result<Right> {
        let Some(leases) = self.leases() else {
            return Ok(Right::Sole);
        };
        let id = &workspace.id;
        let (held, strays) = self.with_slot(id, |slot| (slot.fence, !slot.strays.is_empty()));
        let fence = if let Some(fence) = held {
            fence
        } else if needs_attention(workspace) || strays {
            let Some((replica, _)) = *self.replica() else {
                return Ok(Right::None(Wake::OnChange));
            };
            match leases.acquire(id, replica).await? {
                Claim::Held(fence) => fence,
                Claim::Elsewhere { .. } => {
                    self.with_slot(id, super::slot::Slot::abandon);
                    return Ok(Right::None(self.look_again(workspace)));
                }
            }
        } else {
            return Ok(Right::None(Wake::OnChange));
        };
        if workspace.fence > fence {
            warn!(workspace = %id, "another replica drives the workspace now");
            self.with_slot(id, super::slot::Slot::abandon);
            return Ok(Right::None(Wake::OnChange));
        }
        self.with_slot(id, |slot| slot.fence = Some(fence));
        Ok(Right::Leased(fence))
    }

    /// The holder may have let go before it heard of the latest wish: as long as there is a way to go, somebody has to look.
    fn look_again(&self, workspace: &Workspace) -> Wake {
        let current = workspace.status.instance.as_ref().map(|i| i.id);
        let there = match (workspace.desired, workspace.status.phase) {
            (Desired::Running(wanted), Phase::Running) => current == Some(wanted),
            (Desired::Stopped(_), phase) => phase == Phase::Stopped,
            (Desired::Running(_) | Desired::Deleted { .. }, _) => false,
        };
        if there {
            return Wake::OnChange;
        }
        let pause = self.parts.policy.resync;
        Wake::At(
            self.parts
                .clock
                .now()
                .saturating_add(pause)
                .unwrap_or(gitpod_core::Timestamp::MAX),
        )
    }

    /// Lets go of a workspace that needs nobody.
    pub(super) async fn let_go(&self, id: &gitpod_core::WorkspaceId) {
        let idle =
            |slot: &mut super::slot::Slot| !slot.effects.any_running() && slot.strays.is_empty();
        let held = self.with_slot(id, |slot| slot.fence.is_some() && idle(slot));
        let (Some(leases), Some((replica, _)), true) = (self.leases(), *self.replica(), held)
        else {
            return;
        };
        if let Err(error) = leases.release(id, replica).await {
            warn!(workspace = %id, error = %Chain(&error), "cannot release the workspace; its lease ends with the session");
        }
        self.with_slot(id, |slot| slot.fence = None);
        // Somebody may have asked for it while it was still held here: look once more, with fresh eyes.
        self.poke(id);
    }

    /// Hears what other replicas' users want of the workspaces driven here.
    pub(super) async fn follow(self: Arc<Self>, mut after: Sequence) {
        let mut hints = self.parts.store.watch();
        loop {
            // A hint may get lost; what it was about is read all the same, somewhat later.
            let hint = tokio::time::timeout(self.parts.policy.resync, hints.next()).await;
            if matches!(hint, Ok(None)) {
                tokio::time::sleep(self.parts.policy.resync).await;
            }
            if let Err(error) = self.hear(&mut after).await {
                warn!(error = %Chain(&error), "cannot read what other replicas did, trying again");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }

    async fn hear(&self, after: &mut Sequence) -> Result<()> {
        loop {
            let events = self.parts.store.events(*after, PAGE).await?;
            for event in &events {
                *after = event.sequence;
                let wish = matches!(
                    event.kind,
                    EventKind::StartRequested { .. }
                        | EventKind::StopRequested { .. }
                        | EventKind::Updated
                        | EventKind::Deleted
                );
                if wish && self.drives(&event.workspace) {
                    self.poke(&event.workspace);
                }
            }
            if events.len() < PAGE {
                return Ok(());
            }
        }
    }
}

/// A replica's session: its name, and when it was last asked to last.
pub(super) type Session = Option<(ReplicaId, Instant)>;

/// How long a replica that lost its session waits before it joins again.
pub(super) const AFTER_LOSS: Duration = Duration::from_millis(100);
