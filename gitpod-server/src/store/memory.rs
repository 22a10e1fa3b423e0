use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_core::store::{IdentityStore, Query, StoredVariable, TokenRecord, User, WorkspaceStore};
use gitpod_core::workspace::{Event, EventKind, Generation, Sequence, Workspace};
use gitpod_core::{Clock, Error, ErrorKind, Result, SystemClock, UserId, VariableId, WorkspaceId};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use super::{HINTS, at, is_active, is_deleted, limit_of};

mod leases;
mod variables;

/// Records in memory: the reference, for tests, simulation and embedders that keep nothing. Clones are one store.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
    hints: broadcast::Sender<Sequence>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct Tables {
    workspaces: BTreeMap<WorkspaceId, Workspace>,
    events: Vec<Event>,
    last: Sequence,
    pruned: Sequence,
    users: Vec<User>,
    tokens: BTreeMap<String, TokenRecord>,
    leases: leases::Leases,
    variables: BTreeMap<VariableId, StoredVariable>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl MemoryStore {
    /// An empty store; events get their time from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            tables: Arc::default(),
            hints: broadcast::channel(HINTS).0,
            clock,
        }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables
            .lock()
            .expect("because no holder of this lock can panic")
    }

    fn append(
        &self,
        tables: &mut Tables,
        workspace: &WorkspaceId,
        kinds: &[EventKind],
    ) -> Option<Sequence> {
        let at = self.clock.now();
        let mut last = None;
        for kind in kinds {
            let sequence = Sequence(tables.last.0 + 1);
            tables.last = sequence;
            tables.events.push(Event {
                sequence,
                workspace: workspace.clone(),
                at,
                kind: kind.clone(),
            });
            last = Some(sequence);
        }
        last
    }

    fn hint(&self, sequence: Option<Sequence>) {
        if let Some(sequence) = sequence {
            // No receiver is no error: nobody watches.
            let _ = self.hints.send(sequence);
        }
    }
}

#[async_trait]
impl WorkspaceStore for MemoryStore {
    async fn create(&self, workspace: &Workspace, events: &[EventKind]) -> Result<Generation> {
        let generation = Generation(1);
        let last = {
            let mut tables = self.tables();
            if tables.workspaces.contains_key(&workspace.id) {
                return Err(
                    Error::new(ErrorKind::AlreadyExists, "the workspace id is taken")
                        .with_context("workspace", &workspace.id),
                );
            }
            let stored = at(workspace, generation);
            tables.workspaces.insert(workspace.id.clone(), stored);
            self.append(&mut tables, &workspace.id, events)
        };
        self.hint(last);
        Ok(generation)
    }

    async fn get(&self, id: &WorkspaceId) -> Result<Option<Workspace>> {
        Ok(self.tables().workspaces.get(id).cloned())
    }

    async fn list(&self, query: &Query) -> Result<Vec<Workspace>> {
        let fits = |workspace: &&Workspace| {
            query
                .owner
                .is_none_or(|owner| workspace.spec.owner == owner)
                && (query.include_deleted || !is_deleted(workspace))
                && (!query.active_only || is_active(workspace))
                && query
                    .after
                    .as_ref()
                    .is_none_or(|after| workspace.id > *after)
        };
        Ok(self
            .tables()
            .workspaces
            .values()
            .filter(fits)
            .take(limit_of(query.limit))
            .cloned()
            .collect())
    }

    async fn put(
        &self,
        workspace: &Workspace,
        expected: Generation,
        events: &[EventKind],
    ) -> Result<Generation> {
        let generation = Generation(expected.0 + 1);
        let last = {
            let mut tables = self.tables();
            let Some(stored) = tables.workspaces.get_mut(&workspace.id) else {
                return Err(
                    Error::not_found("no such workspace").with_context("workspace", &workspace.id)
                );
            };
            if stored.generation != expected {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    "somebody else changed the workspace first",
                )
                .with_context("workspace", &workspace.id));
            }
            *stored = at(workspace, generation);
            self.append(&mut tables, &workspace.id, events)
        };
        self.hint(last);
        Ok(generation)
    }

    async fn purge(&self, id: &WorkspaceId) -> Result<()> {
        self.tables().workspaces.remove(id);
        Ok(())
    }

    async fn events(&self, after: Sequence, limit: usize) -> Result<Vec<Event>> {
        let tables = self.tables();
        let start = tables.events.partition_point(|e| e.sequence <= after);
        Ok(tables.events[start..].iter().take(limit).cloned().collect())
    }

    async fn history(&self, id: &WorkspaceId, limit: usize) -> Result<Vec<Event>> {
        let tables = self.tables();
        let of = tables.events.iter().rev().filter(|e| e.workspace == *id);
        Ok(of.take(limit).cloned().collect())
    }

    async fn prune(&self, keep: usize) -> Result<u64> {
        let mut tables = self.tables();
        let tables = &mut *tables;
        let mut kept: BTreeMap<WorkspaceId, usize> = BTreeMap::new();
        let mut gone = 0;
        let events = std::mem::take(&mut tables.events);
        for event in events.into_iter().rev() {
            let place = kept.entry(event.workspace.clone()).or_default();
            *place += 1;
            if *place > keep || !tables.workspaces.contains_key(&event.workspace) {
                gone += 1;
                tables.pruned = tables.pruned.max(event.sequence);
            } else {
                tables.events.push(event);
            }
        }
        tables.events.reverse();
        Ok(gone)
    }

    async fn pruned(&self) -> Result<Sequence> {
        Ok(self.tables().pruned)
    }

    async fn last_sequence(&self) -> Result<Sequence> {
        Ok(self.tables().last)
    }

    fn watch(&self) -> BoxStream<'static, Sequence> {
        BroadcastStream::new(self.hints.subscribe())
            .filter_map(|hint| async { hint.ok() })
            .boxed()
    }
}

#[async_trait]
impl IdentityStore for MemoryStore {
    async fn put_user(&self, user: &User) -> Result<()> {
        let mut tables = self.tables();
        match tables.users.iter_mut().find(|known| known.id == user.id) {
            Some(known) => *known = user.clone(),
            None => tables.users.push(user.clone()),
        }
        Ok(())
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        Ok(self
            .tables()
            .users
            .iter()
            .find(|user| user.id == id)
            .cloned())
    }

    async fn users(&self) -> Result<Vec<User>> {
        let mut users = self.tables().users.clone();
        users.sort_by_key(|user| (user.created_at, user.id));
        Ok(users)
    }

    async fn put_token(&self, token: &TokenRecord) -> Result<()> {
        self.tables()
            .tokens
            .insert(token.hash.clone(), token.clone());
        Ok(())
    }

    async fn token(&self, hash: &str) -> Result<Option<TokenRecord>> {
        Ok(self.tables().tokens.get(hash).cloned())
    }

    async fn revoke_token(&self, hash: &str) -> Result<bool> {
        Ok(self.tables().tokens.remove(hash).is_some())
    }
}
