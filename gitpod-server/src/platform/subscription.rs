use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use gitpod_core::access::{self, Action, Principal, Resource};
use gitpod_core::store::WorkspaceStore;
use gitpod_core::workspace::{Event, EventKind, Sequence};
use gitpod_core::{Error, ErrorKind, OrganizationId, Result, UserId, WorkspaceId};

/// Events read at once.
const PAGE: usize = 256;
/// Owners remembered, and whether they share; forgetting one costs a read.
const OWNERS: usize = 10_000;

struct Subscription {
    store: Arc<dyn WorkspaceStore>,
    by: Principal,
    after: Sequence,
    read: VecDeque<Event>,
    hints: BoxStream<'static, Sequence>,
    owners: HashMap<WorkspaceId, (UserId, OrganizationId, bool)>,
}

/// Events after `after` that `by` may see, then new ones as they happen.
pub(super) fn subscribe(
    store: Arc<dyn WorkspaceStore>,
    by: Principal,
    after: Sequence,
) -> BoxStream<'static, Result<Event>> {
    // Listened to before anything is read: what happens in between is hinted at.
    let hints = store.watch();
    let subscription = Subscription {
        store,
        by,
        after,
        read: VecDeque::new(),
        hints,
        owners: HashMap::new(),
    };
    stream::try_unfold(subscription, |mut subscription| async move {
        let event = subscription.next().await?;
        Ok(event.map(|event| (event, subscription)))
    })
    .boxed()
}

/// Kind of the error that tells a subscriber that its position is gone; no other error of a subscription has it.
pub(crate) const MISSED: ErrorKind = ErrorKind::FailedPrecondition;

fn missed(after: Sequence, pruned: Sequence) -> Error {
    Error::new(MISSED, "events after this position were removed")
        .with_context("after", after.0)
        .with_context("pruned", pruned.0)
        .with_hint("ask for the last sequence number, read the workspaces anew, and go on from that number")
}

impl Subscription {
    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            while let Some(event) = self.read.pop_front() {
                self.after = event.sequence;
                if event.kind == EventKind::Updated {
                    // Perhaps it is shared now, or not any more.
                    self.owners.remove(&event.workspace);
                }
                if self.may_see(&event.workspace).await? {
                    return Ok(Some(event));
                }
            }
            let read = self.store.events(self.after, PAGE).await?;
            // Asked after reading, so that what was pruned in between is noticed.
            let pruned = self.store.pruned().await?;
            if self.after < pruned {
                return Err(missed(self.after, pruned));
            }
            self.read = read.into();
            if self.read.is_empty() && self.hints.next().await.is_none() {
                return Ok(None); // the store is gone
            }
        }
    }

    async fn may_see(&mut self, workspace: &WorkspaceId) -> Result<bool> {
        if self.by == Principal::System {
            return Ok(true);
        }
        let (owner, organization, shared) = if let Some(owner) = self.owners.get(workspace) {
            *owner
        } else {
            let Some(record) = self.store.get(workspace).await? else {
                return Ok(false); // purged: nobody may see what it was
            };
            if self.owners.len() >= OWNERS {
                self.owners.clear();
            }
            let shared = record.guest_token.is_some();
            let owner = (record.spec.owner, record.spec.organization, shared);
            self.owners.insert(workspace.clone(), owner);
            owner
        };
        let resource = Resource::Workspace {
            id: workspace,
            owner,
            organization,
            shared,
        };
        Ok(access::may(&self.by, Action::ReadWorkspace, resource).allowed)
    }
}
