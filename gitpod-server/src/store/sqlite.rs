//! Records in one SQLite file: write-ahead log, every commit on disk before it is acknowledged.

mod identities;
mod workspaces;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::workspace::Sequence;
use gitpod_core::{Clock, Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::broadcast;

use super::HINTS;

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
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens the file, makes it if it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// The file cannot be opened, is damaged, or was written by a newer release.
    pub async fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
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
        Ok(Self {
            writer,
            readers,
            hints: broadcast::channel(HINTS).0,
            clock,
        })
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
