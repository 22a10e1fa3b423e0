//! One set of promises, checked on every store.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use gitpod_core::SystemClock;
use gitpod_server::store::{Keyring, MemoryStore, SqliteStore};

#[path = "stores/identities.rs"]
mod identities;
#[path = "stores/leases.rs"]
mod leases;
#[path = "stores/secrets.rs"]
mod secrets;
#[path = "stores/variables.rs"]
mod variables;
#[path = "stores/workspaces.rs"]
mod workspaces;

/// A store, and what has to live as long as it.
struct Fresh<S> {
    store: S,
    _directory: Option<tempfile::TempDir>,
}

fn memory() -> Fresh<MemoryStore> {
    Fresh {
        store: MemoryStore::default(),
        _directory: None,
    }
}

async fn sqlite() -> Fresh<SqliteStore> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gitpod.db");
    let store = SqliteStore::open(&path, Keyring::ephemeral().unwrap(), Arc::new(SystemClock))
        .await
        .unwrap();
    Fresh {
        store,
        _directory: Some(directory),
    }
}

macro_rules! on_every_store {
    ($($module:ident::$case:ident),* $(,)?) => {
        mod on_memory {
            $(#[tokio::test] async fn $case() { crate::$module::$case(&crate::memory().store).await; })*
        }
        mod on_sqlite {
            $(#[tokio::test] async fn $case() { crate::$module::$case(&crate::sqlite().await.store).await; })*
        }
    };
}

on_every_store! {
    workspaces::a_created_workspace_reads_back,
    workspaces::an_id_is_given_once,
    workspaces::a_stale_writer_loses_and_leaves_no_event,
    workspaces::of_many_writers_of_one_generation_one_wins,
    workspaces::events_resume_without_gap_or_repeat,
    workspaces::each_workspace_keeps_its_newest_events,
    workspaces::lists_page_by_id,
    workspaces::lists_filter,
    workspaces::purged_means_gone_and_purging_nothing_succeeds,
    identities::users_read_back_oldest_first,
    identities::a_token_is_used_up_once,
    variables::variables_read_back_by_owner,
    variables::a_variable_is_replaced_by_its_id,
    variables::a_name_is_given_once_per_owner_and_pattern,
    variables::deleted_variables_are_gone,
    variables::an_owner_has_a_limited_number,
}

macro_rules! leases_on_memory {
    ($($case:ident),* $(,)?) => {
        mod leases_on_memory {
            $(#[tokio::test] async fn $case() {
                let clock = std::sync::Arc::new(gitpod_core::ManualClock::new(gitpod_core::Timestamp::UNIX_EPOCH));
                let store = gitpod_server::store::MemoryStore::new(std::sync::Arc::clone(&clock) as _);
                crate::leases::$case(&store, &clock).await;
            })*
        }
    };
}

leases_on_memory! {
    one_replica_holds_a_workspace,
    of_many_replicas_one_gets_the_lease,
    a_released_workspace_is_free,
    a_lapsed_session_holds_nothing,
    a_renewed_session_keeps_its_leases,
    who_leaves_lets_go_of_all,
    a_lapsed_session_is_told_once,
}

#[tokio::test]
async fn sqlite_keeps_what_it_acknowledged_across_a_reopen() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gitpod.db");
    let workspace = workspaces::workspace("amber-falcon-k3v9x2ab");
    let keys = Keyring::ephemeral().unwrap();
    let open = || SqliteStore::open(&path, keys.clone(), Arc::new(SystemClock));
    let first = open().await.unwrap();
    workspaces::create(&first, &workspace).await;
    drop(first); // not closed: as after a kill
    let second = open().await.unwrap();
    workspaces::assert_stored(&second, &workspace).await;
}
