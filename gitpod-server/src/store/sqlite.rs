//! Records in one SQLite file: write-ahead log, every commit on disk before it is acknowledged.

mod identities;
mod keys;
mod variables;
mod workspaces;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::workspace::Sequence;
use gitpod_core::{Clock, Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Sqlite, SqlitePool, Transaction};
use tokio::sync::broadcast;

use super::{HINTS, Keyring};

/// How long a statement waits for another process' write, such as `gitpod-server sign-in-link` beside a running server.
const BUSY: Duration = Duration::from_secs(10);
/// Connections that read while another writes.
const READERS: u32 = 4;

/// Records in a SQLite file. Clones are one store.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    /// One connection: SQLite has one writer, and a queue of ours is fairer than its busy loop.
    writer: SqlitePool,
    readers: SqlitePool,
    hints: broadcast::Sender<Sequence>,
    keys: Keyring,
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens the file, makes it if it is missing, and brings its schema up to date. Secrets are encrypted with `keys`.
    ///
    /// # Errors
    /// The file cannot be opened, is damaged, or was written by a newer release. `FailedPrecondition`: the keys are not those of
    /// this database.
    pub async fn open(path: &Path, keys: Keyring, clock: Arc<dyn Clock>) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let opened = |e: sqlx::Error| {
            failed("cannot open the database")(e)
                .with_context("path", path.display())
                .with_hint("check that the data directory is writable and on a local disk")
        };
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // On a full disk SQLite itself gives up the transaction; then the connection counts one that is not there, for ever.
            .before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(std::future::ready(Ok(usable)))
            })
            .connect_with(options.clone())
            .await
            .map_err(opened)?;
        sqlx::migrate!("./migrations").run(&writer).await.map_err(|e| {
            Error::unexpected("cannot bring the database's schema up to date")
                .with_context("path", path.display())
                .with_hint("a database of a newer release needs that release; a copy of the file is a backup")
                .with_source(e)
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await
            .map_err(opened)?;
        let store = Self {
            writer,
            readers,
            hints: broadcast::channel(HINTS).0,
            keys,
            clock,
        };
        store.adopt_keys().await?;
        Ok(store)
    }

    /// A transaction that writes. It waits for the one before it now, rather than fail half-way.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        self.writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed("cannot begin a transaction"))
    }

    /// Closes every connection; what was acknowledged is on disk already.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Says what was attempted.
fn failed(what: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |error| {
        let kind = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                ErrorKind::Unavailable
            }
            // 5 busy, 13 full: others hold the file, or the disk has no room; both pass.
            sqlx::Error::Database(e) if matches!(e.code().as_deref(), Some("5" | "13")) => {
                ErrorKind::Unavailable
            }
            _ => ErrorKind::Unexpected,
        };
        Error::new(kind, what).with_source(error)
    }
}

fn encode(record: &impl Serialize) -> Result<String> {
    serde_json::to_string(record)
        .map_err(|e| Error::unexpected("cannot write a record as JSON").with_source(e))
}

fn decode<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|e| Error::unexpected("a stored record cannot be read").with_source(e))
}

#[cfg(test)]
mod tests {
    use gitpod_core::SystemClock;

    use super::*;

    #[tokio::test]
    async fn writes_go_on_once_a_full_disk_has_room() {
        let dir = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = SqliteStore::open(&dir.path().join("db"), Keyring::ephemeral().unwrap(), clock)
            .await
            .unwrap();
        // The file may not grow: what SQLite answers is what it answers when the disk is full.
        sqlx::query("PRAGMA max_page_count = 1")
            .execute(&store.writer)
            .await
            .unwrap();
        let write = async |size: usize| -> sqlx::Result<()> {
            let mut transaction = store.writer.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("INSERT INTO events (workspace, at, kind) VALUES ('w', 'now', ?)")
                .bind("x".repeat(size))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        let error = write(1 << 20).await.unwrap_err();
        assert!(error.to_string().contains("full"), "{error}");
        // The next connection has no such limit.
        write(1 << 20).await.unwrap();
    }
}
