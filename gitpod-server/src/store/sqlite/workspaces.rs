use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_core::store::{Query, WorkspaceStore};
use gitpod_core::workspace::{Event, EventKind, Generation, Sequence, Workspace};
use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use tokio_stream::wrappers::BroadcastStream;

use super::{SqliteStore, decode, encode, failed};
use crate::store::{at, is_active, is_deleted, limit_of};

/// SQLite counts in signed numbers.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn event(row: &SqliteRow) -> Result<Event> {
    let at: &str = row.get(2);
    Ok(Event {
        sequence: Sequence(unsigned(row.get(0))),
        workspace: WorkspaceId::parse(row.get(1))?,
        at: at
            .parse()
            .map_err(|e| Error::unexpected("a stored time cannot be read").with_source(e))?,
        kind: decode(row.get(3))?,
    })
}

impl SqliteStore {
    async fn append(
        &self,
        connection: &mut SqliteConnection,
        workspace: &WorkspaceId,
        kinds: &[EventKind],
    ) -> Result<Option<Sequence>> {
        let at = self.clock.now().to_string();
        let mut last = None;
        for kind in kinds {
            let row = sqlx::query("INSERT INTO events (workspace, at, kind) VALUES (?, ?, ?)")
                .bind(workspace.as_str())
                .bind(&at)
                .bind(encode(kind)?)
                .execute(&mut *connection)
                .await
                .map_err(failed("cannot store an event"))?;
            last = Some(Sequence(unsigned(row.last_insert_rowid())));
        }
        Ok(last)
    }

    fn hint(&self, sequence: Option<Sequence>) {
        if let Some(sequence) = sequence {
            // No receiver is no error: nobody watches.
            let _ = self.hints.send(sequence);
        }
    }
}

#[async_trait]
impl WorkspaceStore for SqliteStore {
    async fn create(&self, workspace: &Workspace, events: &[EventKind]) -> Result<Generation> {
        let generation = Generation(1);
        let stored = at(workspace, generation);
        let mut transaction = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO workspaces (id, generation, owner, deleted, active, record) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(stored.id.as_str())
        .bind(signed(generation.0))
        .bind(stored.spec.owner.to_string())
        .bind(is_deleted(&stored))
        .bind(is_active(&stored))
        .bind(encode(&stored)?)
        .execute(&mut *transaction)
        .await
        .map_err(failed("cannot store a workspace"))?;
        if done.rows_affected() == 0 {
            return Err(
                Error::new(ErrorKind::AlreadyExists, "the workspace id is taken")
                    .with_context("workspace", &stored.id),
            );
        }
        let last = self.append(&mut transaction, &stored.id, events).await?;
        transaction
            .commit()
            .await
            .map_err(failed("cannot commit a new workspace"))?;
        self.hint(last);
        Ok(generation)
    }

    async fn get(&self, id: &WorkspaceId) -> Result<Option<Workspace>> {
        let row = sqlx::query("SELECT record FROM workspaces WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed("cannot read a workspace"))?;
        row.map(|row| decode(row.get(0))).transpose()
    }

    async fn list(&self, query: &Query) -> Result<Vec<Workspace>> {
        let owner = query.owner.map(|owner| owner.to_string());
        let rows = sqlx::query(
            "SELECT record FROM workspaces WHERE (?1 IS NULL OR owner = ?1) AND (?2 OR deleted = 0) \
             AND (NOT ?3 OR active = 1) AND (?4 IS NULL OR id > ?4) ORDER BY id LIMIT ?5",
        )
        .bind(owner)
        .bind(query.include_deleted)
        .bind(query.active_only)
        .bind(query.after.as_ref().map(WorkspaceId::as_str))
        .bind(signed(limit_of(query.limit) as u64))
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot list workspaces"))?;
        rows.into_iter().map(|row| decode(row.get(0))).collect()
    }

    async fn put(
        &self,
        workspace: &Workspace,
        expected: Generation,
        events: &[EventKind],
    ) -> Result<Generation> {
        let generation = Generation(expected.0 + 1);
        let stored = at(workspace, generation);
        let mut transaction = self.begin().await?;
        let done = sqlx::query(
            "UPDATE workspaces SET generation = ?, owner = ?, deleted = ?, active = ?, record = ? \
             WHERE id = ? AND generation = ?",
        )
        .bind(signed(generation.0))
        .bind(stored.spec.owner.to_string())
        .bind(is_deleted(&stored))
        .bind(is_active(&stored))
        .bind(encode(&stored)?)
        .bind(stored.id.as_str())
        .bind(signed(expected.0))
        .execute(&mut *transaction)
        .await
        .map_err(failed("cannot store a workspace"))?;
        if done.rows_affected() == 0 {
            let known = sqlx::query("SELECT 1 FROM workspaces WHERE id = ?")
                .bind(stored.id.as_str())
                .fetch_optional(&mut *transaction)
                .await
                .map_err(failed("cannot read a workspace"))?;
            let error = match known {
                Some(_) => Error::new(
                    ErrorKind::Conflict,
                    "somebody else changed the workspace first",
                ),
                None => Error::not_found("no such workspace"),
            };
            return Err(error.with_context("workspace", &stored.id));
        }
        let last = self.append(&mut transaction, &stored.id, events).await?;
        transaction
            .commit()
            .await
            .map_err(failed("cannot commit a workspace"))?;
        self.hint(last);
        Ok(generation)
    }

    async fn purge(&self, id: &WorkspaceId) -> Result<()> {
        sqlx::query("DELETE FROM workspaces WHERE id = ?")
            .bind(id.as_str())
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed("cannot remove a workspace's record"))
    }

    async fn events(&self, after: Sequence, limit: usize) -> Result<Vec<Event>> {
        let rows = sqlx::query(
            "SELECT sequence, workspace, at, kind FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?",
        )
        .bind(signed(after.0))
        .bind(signed(limit as u64))
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot read events"))?;
        rows.iter().map(event).collect()
    }

    async fn history(&self, id: &WorkspaceId, limit: usize) -> Result<Vec<Event>> {
        let rows = sqlx::query(
            "SELECT sequence, workspace, at, kind FROM events WHERE workspace = ? ORDER BY sequence DESC LIMIT ?",
        )
        .bind(id.as_str())
        .bind(signed(limit as u64))
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot read events"))?;
        rows.iter().map(event).collect()
    }

    async fn prune(&self, keep: usize) -> Result<u64> {
        let mut transaction = self.begin().await?;
        let gone = sqlx::query(
            "DELETE FROM events WHERE sequence IN (SELECT sequence FROM (SELECT sequence, workspace, \
             row_number() OVER (PARTITION BY workspace ORDER BY sequence DESC) AS place FROM events) AS placed \
             WHERE place > ? OR NOT EXISTS (SELECT 1 FROM workspaces WHERE id = placed.workspace)) RETURNING sequence",
        )
        .bind(signed(keep as u64))
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed("cannot prune events"))?;
        if let Some(newest) = gone.iter().map(|row| row.get::<i64, _>(0)).max() {
            sqlx::query("UPDATE pruned SET sequence = max(sequence, ?) WHERE id = 1")
                .bind(newest)
                .execute(&mut *transaction)
                .await
                .map_err(failed("cannot note which events were pruned"))?;
        }
        transaction
            .commit()
            .await
            .map_err(failed("cannot commit the pruning of events"))?;
        Ok(gone.len() as u64)
    }

    async fn pruned(&self) -> Result<Sequence> {
        let row = sqlx::query("SELECT sequence FROM pruned WHERE id = 1")
            .fetch_one(&self.readers)
            .await
            .map_err(failed("cannot read which events were pruned"))?;
        Ok(Sequence(unsigned(row.get(0))))
    }

    async fn last_sequence(&self) -> Result<Sequence> {
        let row = sqlx::query("SELECT max((SELECT COALESCE(MAX(sequence), 0) FROM events), (SELECT COALESCE(MAX(sequence), 0) FROM pruned))")
            .fetch_one(&self.readers)
            .await
            .map_err(failed("cannot read events"))?;
        Ok(Sequence(unsigned(row.get(0))))
    }

    fn watch(&self) -> BoxStream<'static, Sequence> {
        BroadcastStream::new(self.hints.subscribe())
            .filter_map(|hint| async { hint.ok() })
            .boxed()
    }
}
