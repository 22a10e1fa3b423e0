//! Volumes on a real disk, with and without a file system of their own.
#![expect(
    clippy::unwrap_used,
    reason = "a test whose fixture cannot be made fails"
)]

#[path = "local_volumes/limited.rs"]
mod limited;

use std::fs;
use std::path::Path;

use gitpod_content::local::{DiskLimits, LocalVolumes, LocalVolumesConfig};
use gitpod_content::{Volume, Volumes};
use gitpod_core::mount::Mount;
use gitpod_core::{ErrorKind, WorkspaceId};

fn id(text: &str) -> WorkspaceId {
    WorkspaceId::parse(text).unwrap()
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

async fn open(root: &Path, limits: DiskLimits) -> LocalVolumes {
    let mut config = LocalVolumesConfig::new(root);
    config.disk_limits = limits;
    config.build().await.unwrap()
}

fn assert_overlay_of(volume: &Volume) {
    let Mount::Overlay {
        lowers,
        upper,
        work,
        target,
    } = &volume.mount
    else {
        panic!("{:?}", volume.mount);
    };
    assert_eq!(
        (lowers.len(), upper, target.to_str()),
        (0, &volume.upper, Some("/workspace"))
    );
    assert_eq!(upper.parent(), work.parent());
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_and_volumes_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (root, a) = (dir.path().join("w"), id("amber-falcon-k3v9x2ab"));
    let volumes = open(&root, DiskLimits::Off).await;
    let volume = volumes.ensure(&a, None).await.unwrap();
    assert_overlay_of(&volume);
    fs::write(volume.upper.join("mine"), "x").unwrap();
    volumes.mark_initialized(&a).await.unwrap();
    fs::create_dir_all(root.join(".unfinished-1-1/upper/x")).unwrap();
    drop(volumes);
    let volumes = open(&root, DiskLimits::Off).await;
    assert!(!root.join(".unfinished-1-1").exists());
    let again = volumes.ensure(&a, None).await.unwrap();
    assert!(again.initialized && again.upper.join("mine").exists());
    assert_eq!(volumes.list().await.unwrap(), [a]);
}

#[tokio::test]
async fn concurrent_calls_make_one_volume() {
    let dir = tempfile::tempdir().unwrap();
    let volumes = open(dir.path(), DiskLimits::Off).await;
    let a = id("amber-falcon-k3v9x2ab");
    let made = futures::future::join_all((0..8).map(|_| volumes.ensure(&a, None))).await;
    assert!(
        made.iter()
            .all(|volume| volume.as_ref().unwrap() == made[0].as_ref().unwrap())
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn no_volume_is_made_on_a_disk_that_is_nearly_full() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = LocalVolumesConfig::new(dir.path());
    config.reserve_bytes = u64::MAX;
    let volumes = config.build().await.unwrap();
    let error = volumes
        .ensure(&id("amber-falcon-k3v9x2ab"), None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(
        error
            .context()
            .any(|(key, value)| (key, value) == ("disk", "full"))
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("free space")));
    assert_eq!(entries(dir.path()), 0);
}

#[tokio::test]
async fn what_is_left_of_the_disk_is_for_volumes_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let (root, a) = (dir.path().join("w"), id("amber-falcon-k3v9x2ab"));
    let volumes = open(&root, DiskLimits::Off).await;
    volumes.ensure(&a, None).await.unwrap();
    assert!(!volumes.room().await.unwrap().unwrap().is_short());
    drop(volumes);
    let mut config = LocalVolumesConfig::new(&root);
    config.reserve_bytes = u64::MAX;
    let volumes = config.build().await.unwrap();
    assert!(volumes.room().await.unwrap().unwrap().is_short());
    // A start opens the volume, and is refused; looking at it and removing it are not.
    assert!(volumes.ensure(&a, None).await.is_err());
    assert!(volumes.inspect(&a).await.unwrap().is_some());
    volumes.remove(&a).await.unwrap();
}
