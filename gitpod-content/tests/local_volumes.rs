//! Volumes on a real disk, with and without a file system of their own.
#![expect(
    clippy::unwrap_used,
    reason = "a test whose fixture cannot be made fails"
)]

use std::fs;
use std::path::Path;

use gitpod_content::local::{DiskLimits, LocalVolumes, LocalVolumesConfig};
use gitpod_content::{Volume, Volumes};
use gitpod_core::mount::Mount;
use gitpod_core::{ErrorKind, WorkspaceId};

fn id(text: &str) -> WorkspaceId {
    WorkspaceId::parse(text).unwrap()
}

async fn open(root: &Path, limits: DiskLimits) -> LocalVolumes {
    let mut config = LocalVolumesConfig::new(root);
    config.disk_limits = limits;
    config.build().await.unwrap()
}

fn mounts_below(path: &Path) -> usize {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    mounts
        .lines()
        .filter(|line| line.contains(path.to_str().unwrap()))
        .count()
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
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// Needs root and loop devices; elsewhere `Required` refuses, which is what is checked there.
#[tokio::test]
async fn a_limited_volume_fills_up_alone_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("w");
    if !rustix::process::geteuid().is_root() {
        let mut config = LocalVolumesConfig::new(&root);
        config.disk_limits = DiskLimits::Required;
        assert!(config.build().await.is_err());
        return;
    }
    let (a, b) = (id("amber-falcon-k3v9x2ab"), id("crimson-otter-p0q4z7mn"));
    let volumes = open(&root, DiskLimits::Required).await;
    let size = Some(64 << 20);
    let full = volumes.ensure(&a, size).await.unwrap();
    let other = volumes.ensure(&b, size).await.unwrap();
    assert_overlay_of(&full);
    fs::write(full.upper.join("first"), "kept").unwrap();
    let error = fs::write(full.upper.join("big"), vec![7; 80 << 20]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    fs::write(other.upper.join("fine"), vec![7; 8 << 20]).unwrap();
    volumes.mark_initialized(&a).await.unwrap();

    // As after a reboot: nothing is mounted.
    volumes.release(&a).await.unwrap();
    assert!(!full.upper.exists());
    drop(volumes);
    assert_eq!(mounts_below(&root), 0);
    let volumes = open(&root, DiskLimits::Required).await;
    let again = volumes.inspect(&a).await.unwrap().unwrap();
    assert!(again.initialized);
    assert_eq!(
        fs::read_to_string(again.upper.join("first")).unwrap(),
        "kept"
    );
    volumes.remove(&a).await.unwrap();
    volumes.remove(&b).await.unwrap();
    assert_eq!(mounts_below(&root), 0);
    assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
}
