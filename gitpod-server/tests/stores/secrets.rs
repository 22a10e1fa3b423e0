//! Secrets in a database on disk.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use gitpod_core::store::{StoredVariable, VariableStore as _};
use gitpod_core::{Chain, ErrorKind, SystemClock, UserId};
use gitpod_server::store::{Keyring, SqliteStore};

use super::variables::{VALUE, of_user};

async fn open(directory: &Path, keys: &Keyring) -> gitpod_core::Result<SqliteStore> {
    let path = directory.join("gitpod.db");
    SqliteStore::open(&path, keys.clone(), Arc::new(SystemClock)).await
}

fn keys(directory: &Path) -> Keyring {
    Keyring::open(&directory.join("secrets.key")).unwrap()
}

/// A database with one variable.
async fn with_secret(directory: &Path) -> StoredVariable {
    let store = open(directory, &keys(directory)).await.unwrap();
    let variable = of_user(UserId::random(), "TOKEN", "o/r");
    store.put(&variable).await.unwrap();
    store.close().await;
    variable
}

#[tokio::test]
async fn nothing_is_in_clear_on_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    with_secret(directory.path()).await;
    let mut files = 0;
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let clear = bytes.windows(VALUE.len()).any(|w| w == VALUE.as_bytes());
        assert!(!clear, "the value is on the disk");
        files += 1;
    }
    assert!(files >= 2, "the database and the key file are there");
}

#[tokio::test]
async fn another_key_file_is_refused_and_the_right_one_reads() {
    let directory = tempfile::tempdir().unwrap();
    let variable = with_secret(directory.path()).await;
    for wrong in [
        Keyring::ephemeral().unwrap(),
        Keyring::open(&directory.path().join("other.key")).unwrap(),
    ] {
        let error = open(directory.path(), &wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
        assert!(error.hint().unwrap().contains("key file"), "{error:?}");
    }
    // The right name and another secret: the proof does not open.
    let right = std::fs::read_to_string(directory.path().join("secrets.key")).unwrap();
    let other = std::fs::read_to_string(directory.path().join("other.key")).unwrap();
    let line = |text: &str| text.lines().last().unwrap().to_owned();
    let id = line(&right)[..16].to_owned();
    let forged = directory.path().join("forged.key");
    std::fs::write(&forged, format!("{id}{}\n", &line(&other)[16..])).unwrap();
    std::fs::set_permissions(&forged, std::fs::Permissions::from_mode(0o600)).unwrap();
    let error = open(directory.path(), &Keyring::open(&forged).unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition, "{error:?}");

    let store = open(directory.path(), &keys(directory.path())).await;
    let read = store.unwrap().get(variable.id).await.unwrap();
    assert_eq!(read, Some(variable));
}

#[tokio::test]
async fn a_value_moved_to_another_variable_does_not_open() {
    let directory = tempfile::tempdir().unwrap();
    let victim = with_secret(directory.path()).await;
    let store = open(directory.path(), &keys(directory.path()))
        .await
        .unwrap();
    let thief = of_user(UserId::random(), "MINE", "o/r");
    store.put(&thief).await.unwrap();
    store.close().await;
    let url = format!(
        "sqlite:{}",
        directory.path().join("gitpod.db").to_str().unwrap()
    );
    let raw = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query(
        "UPDATE variables SET value = (SELECT value FROM variables WHERE id = ?) WHERE id = ?",
    )
    .bind(victim.id.to_string())
    .bind(thief.id.to_string())
    .execute(&raw)
    .await
    .unwrap();
    raw.close().await;
    let store = open(directory.path(), &keys(directory.path()))
        .await
        .unwrap();
    let error = store.get(thief.id).await.unwrap_err();
    assert!(!format!("{}", Chain(&error)).contains(VALUE), "{error:?}");
    assert_eq!(store.get(victim.id).await.unwrap(), Some(victim));
}

#[test]
fn the_key_file_is_for_its_owner_alone_and_made_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secrets.key");
    let ids = Keyring::open(&path).unwrap().ids().unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(Keyring::open(&path).unwrap().ids().unwrap(), ids);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Keyring::open(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    for (text, what) in [("", "no key"), ("nonsense\n", "a line")] {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let error = Keyring::open(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid, "{what}");
    }
}

#[test]
fn a_keyring_notices_that_its_file_was_rotated() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secrets.key");
    let (server, operator) = (Keyring::open(&path).unwrap(), Keyring::open(&path).unwrap());
    let old = server.newest().unwrap();
    let sealed = server.seal("a", VALUE).unwrap();
    let new = operator.add().unwrap();
    assert_eq!(server.ids().unwrap(), [new, old]);
    assert_eq!(server.open_sealed("a", &sealed).unwrap().expose(), VALUE);
    operator.forget(&[old, new]).unwrap();
    assert_eq!(server.ids().unwrap(), [new], "the newest stays");
    let error = server.open_sealed("a", &sealed).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    std::fs::remove_file(&path).unwrap();
    let error = server.seal("a", VALUE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition, "{error:?}");
}
