use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{ReplicaId, Result, Timestamp, WorkspaceId};

/// Orders the leases of a workspace: each one given to another replica has a greater fence than all before it.
///
/// A lease may end without its holder's knowledge (a long pause, a clock that jumped). The fence is what makes that harmless:
/// it is written with the record, and a driver that finds a greater one than its own stops.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fence(pub u64);

/// The answer to a replica that wants to drive a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It may, for as long as its session lasts and it does not let go.
    Held(Fence),
    /// Another one does.
    Elsewhere {
        /// Which.
        replica: ReplicaId,
        /// When that one's session ends unless it is renewed.
        until: Timestamp,
    },
}

/// Says which replica of the server drives which workspace.
///
/// Leases hang on the *session* of a replica, so that a replica that drives ten thousand workspaces renews one row, not ten
/// thousand. When a session ends, all its leases are free at once.
///
/// # Behavior
/// Of one workspace at most one replica holds the lease at any time, by the store's clock; no call waits for another replica.
#[async_trait]
pub trait LeaseStore: fmt::Debug + Send + Sync + 'static {
    /// Begins the session of a new replica: it lasts for `ttl` from now.
    ///
    /// # Errors
    /// [`AlreadyExists`](crate::ErrorKind::AlreadyExists) when the replica has a session, even one that lapsed.
    async fn join(&self, replica: ReplicaId, ttl: Duration) -> Result<()>;

    /// Extends a session: it lasts for `ttl` from now.
    ///
    /// # Errors
    /// [`FailedPrecondition`](crate::ErrorKind::FailedPrecondition) when there is no such session or it has lapsed: its leases
    /// may be others' already. It is never brought back; join under another id.
    async fn renew(&self, replica: ReplicaId, ttl: Duration) -> Result<()>;

    /// Takes the lease of a workspace if nobody holds it.
    ///
    /// # Behavior
    /// Idempotent: who holds it gets the same fence again. The lease of a lapsed session is free. A fence given anew is greater
    /// than every fence ever given for the workspace, purged or not.
    ///
    /// # Errors
    /// [`FailedPrecondition`](crate::ErrorKind::FailedPrecondition) as for [`renew`](Self::renew).
    async fn acquire(&self, workspace: &WorkspaceId, replica: ReplicaId) -> Result<Claim>;

    /// Lets go of a workspace. Letting go of what one does not hold succeeds and changes nothing.
    async fn release(&self, workspace: &WorkspaceId, replica: ReplicaId) -> Result<()>;

    /// Ends a session and lets go of all it holds. Ending what is not there succeeds.
    async fn leave(&self, replica: ReplicaId) -> Result<()>;

    /// Removes the sessions that lapsed, with their leases, and says whose they were.
    ///
    /// # Behavior
    /// Each lapsed session is told to one caller: that one looks after the workspaces it left.
    async fn reap(&self) -> Result<Vec<ReplicaId>>;
}
