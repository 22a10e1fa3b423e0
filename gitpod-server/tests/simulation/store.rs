//! Records and leases as a replica sees them: through outages, lost hints and reads that are not the newest.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_core::store::{Claim, LeaseStore, Query, WorkspaceStore};
use gitpod_core::workspace::{Event, EventKind, Generation, Sequence, Workspace};
use gitpod_core::{ReplicaId, Result, WorkspaceId};
use tokio::time::Instant;

use crate::rules::{check_change, instance};
use crate::world::{Life, Site};

/// A read may be this old.
const STALE: Duration = Duration::from_millis(800);
/// Versions of a record that are remembered.
const KEPT: usize = 8;

#[derive(Debug)]
pub(crate) struct Store(pub(crate) Life);

impl Store {
    /// The record, or what it was a little while ago.
    async fn read(&self, id: &WorkspaceId) -> Option<Workspace> {
        let world = &self.0.world;
        let newest = world.record(id).await;
        if world.in_trouble() && world.dice.happens(30) {
            let since = Instant::now() - STALE;
            let versions = world.versions();
            let old: Vec<_> = versions.get(id).into_iter().flatten().collect();
            let old: Vec<_> = old
                .into_iter()
                .filter(|(until, _)| *until > since)
                .collect();
            if let Some((_, old)) = world.dice.pick(&old) {
                world.note(|| format!("{} reads an old {id}", self.0.name));
                return old.clone();
            }
        }
        newest
    }

    fn remember(&self, id: &WorkspaceId, old: Option<Workspace>) {
        let mut versions = self.0.world.versions();
        let versions = versions.entry(id.clone()).or_default();
        versions.push((Instant::now(), old));
        if versions.len() > KEPT {
            versions.remove(0);
        }
    }

    async fn write(
        &self,
        new: &Workspace,
        expected: Generation,
        events: &[EventKind],
    ) -> Result<Generation> {
        let world = &self.0.world;
        let old = world.record(&new.id).await;
        let written = world.store.put(new, expected, events).await?;
        if let Some(old) = &old {
            if let Some(broken) = check_change(old, new) {
                world.breaks(broken);
            }
            world.note(|| tell(&self.0.name, old, new));
        }
        self.remember(&new.id, old);
        Ok(written)
    }
}

fn tell(who: &str, old: &Workspace, new: &Workspace) -> String {
    let (from, to) = (old.status.phase.as_str(), new.status.phase.as_str());
    let instance = instance(new)
        .map(crate::backends::short)
        .unwrap_or_default();
    let failure = new
        .status
        .instance
        .as_ref()
        .and_then(|i| i.failure.as_ref());
    let failure = failure
        .map(|failure| format!(", {:?}", failure.reason))
        .unwrap_or_default();
    format!(
        "{who} writes {} {from} > {to}, instance {instance}, {:?}, fence {}{failure}",
        new.id, new.desired, new.fence.0
    )
}

#[async_trait]
impl WorkspaceStore for Store {
    async fn create(&self, workspace: &Workspace, events: &[EventKind]) -> Result<Generation> {
        let effect = async {
            let created = self.0.world.store.create(workspace, events).await?;
            self.remember(&workspace.id, None);
            Ok(created)
        };
        self.0
            .call(Site::Store, || format!("create {}", workspace.id), effect)
            .await
    }

    async fn get(&self, id: &WorkspaceId) -> Result<Option<Workspace>> {
        let effect = async { Ok(self.read(id).await) };
        self.0
            .call(Site::Store, || format!("get {id}"), effect)
            .await
    }

    async fn list(&self, query: &Query) -> Result<Vec<Workspace>> {
        let effect = self.0.world.store.list(query);
        self.0
            .call(Site::Store, || String::from("list records"), effect)
            .await
    }

    async fn put(
        &self,
        workspace: &Workspace,
        expected: Generation,
        events: &[EventKind],
    ) -> Result<Generation> {
        let effect = self.write(workspace, expected, events);
        self.0
            .call(Site::Store, || format!("put {}", workspace.id), effect)
            .await
    }

    async fn purge(&self, id: &WorkspaceId) -> Result<()> {
        let effect = self.0.world.store.purge(id);
        self.0
            .call(Site::Store, || format!("purge {id}"), effect)
            .await
    }

    async fn events(&self, after: Sequence, limit: usize) -> Result<Vec<Event>> {
        let effect = self.0.world.store.events(after, limit);
        self.0
            .call(Site::Store, || format!("events after {}", after.0), effect)
            .await
    }

    async fn history(&self, id: &WorkspaceId, limit: usize) -> Result<Vec<Event>> {
        let effect = self.0.world.store.history(id, limit);
        self.0
            .call(Site::Store, || format!("history of {id}"), effect)
            .await
    }

    async fn prune(&self, keep: usize) -> Result<u64> {
        let effect = self.0.world.store.prune(keep);
        self.0
            .call(Site::Store, || String::from("prune events"), effect)
            .await
    }

    async fn pruned(&self) -> Result<Sequence> {
        let effect = self.0.world.store.pruned();
        self.0
            .call(Site::Store, || String::from("pruned"), effect)
            .await
    }

    async fn last_sequence(&self) -> Result<Sequence> {
        let effect = self.0.world.store.last_sequence();
        self.0
            .call(Site::Store, || String::from("last sequence"), effect)
            .await
    }

    fn watch(&self) -> BoxStream<'static, Sequence> {
        let world = Arc::clone(&self.0.world);
        let hints = self.0.world.store.watch();
        hints
            .filter(move |_| {
                let lost = world.in_trouble() && world.dice.happens(300);
                async move { !lost }
            })
            .boxed()
    }
}

#[derive(Debug)]
pub(crate) struct Leases(pub(crate) Life);

#[async_trait]
impl LeaseStore for Leases {
    async fn join(&self, replica: ReplicaId, ttl: Duration) -> Result<()> {
        let effect = self.0.world.store.join(replica, ttl);
        self.0
            .call(Site::Store, || String::from("joins"), effect)
            .await
    }

    async fn renew(&self, replica: ReplicaId, ttl: Duration) -> Result<()> {
        let effect = self.0.world.store.renew(replica, ttl);
        self.0
            .call(Site::Store, || String::from("renews"), effect)
            .await
    }

    async fn acquire(&self, workspace: &WorkspaceId, replica: ReplicaId) -> Result<Claim> {
        let effect = self.0.world.store.acquire(workspace, replica);
        self.0
            .call(Site::Store, || format!("acquires {workspace}"), effect)
            .await
    }

    async fn release(&self, workspace: &WorkspaceId, replica: ReplicaId) -> Result<()> {
        let effect = self.0.world.store.release(workspace, replica);
        self.0
            .call(Site::Store, || format!("releases {workspace}"), effect)
            .await
    }

    async fn leave(&self, replica: ReplicaId) -> Result<()> {
        let effect = self.0.world.store.leave(replica);
        self.0
            .call(Site::Store, || String::from("leaves"), effect)
            .await
    }

    async fn reap(&self) -> Result<Vec<ReplicaId>> {
        let effect = self.0.world.store.reap();
        self.0
            .call(Site::Store, || String::from("reaps"), effect)
            .await
    }
}
