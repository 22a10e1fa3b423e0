//! Ports of storage. Backends prove themselves with the conformance suite of `gitpod-server`.

use std::fmt;

use async_trait::async_trait;
use futures_core::stream::BoxStream;

use crate::workspace::{Event, EventKind, Generation, Sequence, Workspace};
use crate::{Result, UserId, WorkspaceId};

mod identity;
mod lease;
mod variables;

pub use identity::{
    IdentityStore, Membership, OrganizationRole, Role, TokenKind, TokenRecord, User,
};
pub use lease::{Claim, Fence, LeaseStore};
pub use variables::{StoredVariable, VariableOwner, VariableScope, VariableStore};

/// Which workspaces to list.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Query {
    /// Of this owner only.
    pub owner: Option<UserId>,
    /// Deleted ones too.
    pub include_deleted: bool,
    /// Only those that want something or have something running.
    pub active_only: bool,
    /// After this id (exclusive), in id order.
    pub after: Option<WorkspaceId>,
    /// At most this many; 0 means 100.
    pub limit: usize,
}

/// Stores workspaces, and the events about them.
#[async_trait]
pub trait WorkspaceStore: fmt::Debug + Send + Sync + 'static {
    /// Stores a new workspace and its first events, in one transaction.
    ///
    /// # Behavior
    /// The stored record has generation 1, which is returned.
    ///
    /// # Errors
    /// [`AlreadyExists`](crate::ErrorKind::AlreadyExists) when the id is taken (also by a deleted one).
    async fn create(&self, workspace: &Workspace, events: &[EventKind]) -> Result<Generation>;

    /// The workspace, deleted or not.
    async fn get(&self, id: &WorkspaceId) -> Result<Option<Workspace>>;

    /// Workspaces in id order.
    async fn list(&self, query: &Query) -> Result<Vec<Workspace>>;

    /// Replaces the record if its generation is still `expected`, and appends `events`, in one transaction.
    ///
    /// # Behavior
    /// Returns the new generation, `expected + 1`. The events' time is `status`' writer's: `at`.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when somebody else wrote first: read again, decide again.
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such workspace.
    async fn put(
        &self,
        workspace: &Workspace,
        expected: Generation,
        events: &[EventKind],
    ) -> Result<Generation>;

    /// Removes the record for good. Removing what is not there succeeds.
    async fn purge(&self, id: &WorkspaceId) -> Result<()>;

    /// Events after `after`, oldest first, at most `limit`. Those that were pruned are left out without a word: compare
    /// [`pruned`](Self::pruned) *after* reading.
    async fn events(&self, after: Sequence, limit: usize) -> Result<Vec<Event>>;

    /// The newest events of one workspace, newest first, at most `limit`.
    async fn history(&self, id: &WorkspaceId, limit: usize) -> Result<Vec<Event>>;

    /// Removes all but the newest `keep` events of each workspace, and every event of workspaces that were purged; says how many.
    ///
    /// # Behavior
    /// Sequence numbers are never given twice, even if the newest event is removed.
    async fn prune(&self, keep: usize) -> Result<u64>;

    /// The newest event that was ever pruned. Who resumes from before it may have missed something, and has to read the records
    /// again.
    async fn pruned(&self) -> Result<Sequence>;

    /// The sequence of the newest event.
    async fn last_sequence(&self) -> Result<Sequence>;

    /// Hints that something after a sequence number is there; read it with [`events`](Self::events).
    ///
    /// # Behavior
    /// A slow reader never blocks writers; it misses hints, never events.
    fn watch(&self) -> BoxStream<'static, Sequence>;
}
