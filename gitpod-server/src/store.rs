//! Reference stores: memory, SQLite.
//!
//! Both keep the same promises, which `tests/stores.rs` checks on both: compare-and-swap on the generation, and events in the
//! same transaction as the record they tell about.

#[cfg(feature = "sqlite")]
mod keyring;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
mod variable;

#[cfg(feature = "sqlite")]
pub use keyring::{KeyId, Keyring};
pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

use gitpod_core::workspace::plan::needs_attention as is_active;
use gitpod_core::workspace::{Desired, Generation, Workspace};

/// How many records a query without a limit gives.
const DEFAULT_LIMIT: usize = 100;
/// Hints that a slow watcher may be behind before it misses some.
const HINTS: usize = 1024;

/// Whether its owner deleted it.
fn is_deleted(workspace: &Workspace) -> bool {
    matches!(workspace.desired, Desired::Deleted { .. })
}

/// The limit of a query.
fn limit_of(asked: usize) -> usize {
    if asked == 0 { DEFAULT_LIMIT } else { asked }
}

/// The record as it is stored at `generation`.
fn at(workspace: &Workspace, generation: Generation) -> Workspace {
    let mut stored = workspace.clone();
    stored.generation = generation;
    stored
}
