use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use gitpod_core::store::{Claim, Fence, LeaseStore};
use gitpod_core::{Error, ErrorKind, ReplicaId, Result, Timestamp, WorkspaceId};

use super::MemoryStore;

/// Sessions of replicas, and the workspaces each holds.
#[derive(Debug, Default)]
pub(super) struct Leases {
    sessions: BTreeMap<ReplicaId, Timestamp>,
    held: BTreeMap<WorkspaceId, (ReplicaId, Fence)>,
    /// Shared by all workspaces, so that it outlives each of them.
    last: Fence,
}

impl Leases {
    /// When the replica's session ends, if it has not.
    fn session(&self, replica: ReplicaId, now: Timestamp) -> Option<Timestamp> {
        let until = self.sessions.get(&replica).copied();
        until.filter(|until| *until > now)
    }

    fn alive(&self, replica: ReplicaId, now: Timestamp) -> Result<Timestamp> {
        self.session(replica, now).ok_or_else(|| {
            Error::new(
                ErrorKind::FailedPrecondition,
                "the replica's session is over",
            )
            .with_context("replica", replica)
            .with_hint("join again under another id; others may hold its workspaces")
        })
    }

    fn let_go(&mut self, replica: ReplicaId) {
        self.sessions.remove(&replica);
        self.held.retain(|_, (holder, _)| *holder != replica);
    }
}

fn end(now: Timestamp, ttl: Duration) -> Timestamp {
    now.saturating_add(ttl).unwrap_or(Timestamp::MAX)
}

#[async_trait]
impl LeaseStore for MemoryStore {
    async fn join(&self, replica: ReplicaId, ttl: Duration) -> Result<()> {
        let now = self.clock.now();
        let leases = &mut self.tables().leases;
        if leases.sessions.contains_key(&replica) {
            return Err(
                Error::new(ErrorKind::AlreadyExists, "the replica has a session")
                    .with_context("replica", replica),
            );
        }
        leases.sessions.insert(replica, end(now, ttl));
        Ok(())
    }

    async fn renew(&self, replica: ReplicaId, ttl: Duration) -> Result<()> {
        let now = self.clock.now();
        let leases = &mut self.tables().leases;
        leases.alive(replica, now)?;
        leases.sessions.insert(replica, end(now, ttl));
        Ok(())
    }

    async fn acquire(&self, workspace: &WorkspaceId, replica: ReplicaId) -> Result<Claim> {
        let now = self.clock.now();
        let leases = &mut self.tables().leases;
        leases.alive(replica, now)?;
        if let Some((holder, fence)) = leases.held.get(workspace).copied() {
            if holder == replica {
                return Ok(Claim::Held(fence));
            }
            if let Some(until) = leases.session(holder, now) {
                return Ok(Claim::Elsewhere {
                    replica: holder,
                    until,
                });
            }
        }
        leases.last = Fence(leases.last.0 + 1);
        let fence = leases.last;
        leases.held.insert(workspace.clone(), (replica, fence));
        Ok(Claim::Held(fence))
    }

    async fn release(&self, workspace: &WorkspaceId, replica: ReplicaId) -> Result<()> {
        let held = &mut self.tables().leases.held;
        if held
            .get(workspace)
            .is_some_and(|(holder, _)| *holder == replica)
        {
            held.remove(workspace);
        }
        Ok(())
    }

    async fn leave(&self, replica: ReplicaId) -> Result<()> {
        self.tables().leases.let_go(replica);
        Ok(())
    }

    async fn reap(&self) -> Result<Vec<ReplicaId>> {
        let now = self.clock.now();
        let leases = &mut self.tables().leases;
        let lapsed: Vec<_> = leases
            .sessions
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(replica, _)| *replica)
            .collect();
        for replica in &lapsed {
            leases.let_go(*replica);
        }
        Ok(lapsed)
    }
}
