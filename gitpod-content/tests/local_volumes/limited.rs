//! Volumes with a file system of their own. They need root and loop devices; elsewhere `Required` refuses, which is what is
//! checked there.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use gitpod_content::local::{DiskLimits, LocalVolumes, LocalVolumesConfig};
use gitpod_content::{DiskUsage, Volumes};
use gitpod_core::WorkspaceId;

use super::{assert_overlay_of, entries, id, open};

const SIZE: u64 = 64 << 20;

fn mounts_below(path: &Path) -> usize {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    mounts
        .lines()
        .filter(|line| line.contains(path.to_str().unwrap()))
        .count()
}

/// Loop devices with a file below `path`.
fn loops_below(path: &Path) -> usize {
    let devices = fs::read_dir("/sys/block").unwrap().flatten();
    devices
        .filter_map(|device| fs::read_to_string(device.path().join("loop/backing_file")).ok())
        .filter(|file| file.contains(path.to_str().unwrap()))
        .count()
}

async fn until(what: &str, mut probe: impl FnMut() -> bool) {
    for _ in 0..600 {
        if probe() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not happen: {what}");
}

async fn nothing_is_held(root: &Path) {
    until("no mount and no loop device is left", || {
        mounts_below(root) == 0 && loops_below(root) == 0
    })
    .await;
}

fn config(root: &Path, spares: usize) -> LocalVolumesConfig {
    let mut config = LocalVolumesConfig::new(root);
    config.disk_limits = DiskLimits::Required;
    config.spares = spares;
    config.spare_sizes = vec![SIZE];
    config
}

/// `None` where volumes cannot be limited.
async fn limited(root: &Path, spares: usize) -> Option<LocalVolumes> {
    let config = config(root, spares);
    let opened = config.clone().build().await;
    match config.why_not_limited() {
        None => Some(opened.unwrap()),
        Some(why) => {
            assert!(!why.is_empty() && opened.is_err(), "required is required");
            None
        }
    }
}

#[tokio::test]
async fn it_fills_up_alone_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("w");
    let Some(volumes) = limited(&root, 1).await else {
        return;
    };
    let (a, b) = (id("amber-falcon-k3v9x2ab"), id("crimson-otter-p0q4z7mn"));
    let full = volumes.ensure(&a, Some(SIZE)).await.unwrap();
    let other = volumes.ensure(&b, Some(SIZE)).await.unwrap();
    assert_overlay_of(&full);
    fs::write(full.upper.join("first"), "kept").unwrap();
    let error = fs::write(full.upper.join("big"), vec![7; 80 << 20]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    let usage = volumes.usage(&a).await.unwrap().unwrap();
    assert!(
        usage.percent() >= 95 && usage.size_bytes <= SIZE,
        "{usage:?}"
    );
    fs::write(other.upper.join("fine"), vec![7; 8 << 20]).unwrap();
    volumes.mark_initialized(&a).await.unwrap();

    // As after a reboot: nothing is mounted.
    volumes.release(&a).await.unwrap();
    assert!(!full.upper.exists());
    assert_eq!(volumes.usage(&a).await.unwrap(), None);
    drop(volumes);
    nothing_is_held(&root).await;
    let volumes = limited(&root, 1).await.unwrap();
    let again = volumes.inspect(&a).await.unwrap().unwrap();
    assert!(again.initialized);
    assert_eq!(
        fs::read_to_string(again.upper.join("first")).unwrap(),
        "kept"
    );
    volumes.remove(&a).await.unwrap();
    volumes.remove(&b).await.unwrap();
    drop(volumes);
    nothing_is_held(&root).await;
    assert_eq!(entries(&root), 0);
}

#[tokio::test]
async fn what_is_deleted_inside_is_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let Some(volumes) = limited(dir.path(), 0).await else {
        return;
    };
    let a = id("amber-falcon-k3v9x2ab");
    let volume = volumes.ensure(&a, Some(SIZE)).await.unwrap();
    let new = volumes.usage(&a).await.unwrap().unwrap();
    assert!(new.kept_bytes < 8 << 20 && new.percent() < 5, "{new:?}");
    let big = volume.upper.join("big");
    fs::write(&big, vec![7; 40 << 20]).unwrap();
    File::open(&big).unwrap().sync_all().unwrap();
    let kept = async || -> DiskUsage { volumes.usage(&a).await.unwrap().unwrap() };
    assert!(kept().await.kept_bytes > 40 << 20);
    fs::remove_file(&big).unwrap();
    for _ in 0..600 {
        // The file system tells the disk below when it writes down that the file is gone.
        rustix::fs::syncfs(File::open(&volume.upper).unwrap()).unwrap();
        if kept().await.kept_bytes < 16 << 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(kept().await.kept_bytes < 16 << 20, "{:?}", kept().await);

    // Also what is deleted just before a stop.
    fs::write(&big, vec![7; 40 << 20]).unwrap();
    File::open(&big).unwrap().sync_all().unwrap();
    fs::remove_file(&big).unwrap();
    volumes.release(&a).await.unwrap();
    let image = dir.path().join(a.as_str()).join("disk.img");
    until("the image is small", || {
        image.metadata().unwrap().blocks() * 512 < 16 << 20
    })
    .await;
}

#[tokio::test]
async fn spares_are_made_used_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let Some(volumes) = limited(root, 2).await else {
        return;
    };
    until("two are ready", || mounts_below(root) == 2).await;
    let spares = |root: &Path| -> Vec<_> {
        let names = fs::read_dir(root).unwrap().flatten();
        names.map(|entry| entry.file_name()).collect()
    };
    let ready = spares(root);
    let a = id("amber-falcon-k3v9x2ab");
    let volume = volumes.ensure(&a, Some(SIZE)).await.unwrap();
    fs::write(volume.upper.join("mine"), "x").unwrap();
    assert!(
        ready.iter().any(|name| !root.join(name).exists()),
        "one of them has a name now: {ready:?}"
    );
    until("there are two again", || mounts_below(root) == 3).await;
    drop(volumes);
    nothing_is_held(root).await;
    assert_eq!(spares(root), [a.as_str()], "a volume, and nothing else");
}

#[tokio::test]
async fn a_killed_process_leaves_no_spares_and_no_second_mounts() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let a = id("amber-falcon-k3v9x2ab");
    let Some(killed) = limited(root, 2).await else {
        return;
    };
    let volume = killed.ensure(&a, Some(SIZE)).await.unwrap();
    fs::write(volume.upper.join("mine"), "x").unwrap();
    until("two are ready", || mounts_below(root) == 3).await;
    std::mem::forget(killed);

    let volumes = limited(root, 0).await.unwrap();
    assert_eq!((entries(root), mounts_below(root)), (1, 1));
    let again = volumes.ensure(&a, Some(SIZE)).await.unwrap();
    assert!(again.upper.join("mine").exists());
    assert_eq!(mounts_below(root), 1);
    drop(volumes);
    nothing_is_held(root).await;
}

#[tokio::test]
async fn there_can_be_many_at_once() {
    const MANY: usize = 24;
    let dir = tempfile::tempdir().unwrap();
    let Some(volumes) = limited(dir.path(), 0).await else {
        return;
    };
    let names: Vec<WorkspaceId> = (0..MANY)
        .map(|n| id(&format!("amber-falcon-k3v9x2{n:02}")))
        .collect();
    let made = names.iter().map(|name| volumes.ensure(name, Some(SIZE)));
    let made = futures::future::try_join_all(made).await.unwrap();
    for (n, volume) in made.iter().enumerate() {
        fs::write(volume.upper.join("mine"), n.to_string()).unwrap();
    }
    for (n, volume) in made.iter().enumerate() {
        let mine = fs::read_to_string(volume.upper.join("mine")).unwrap();
        assert_eq!(mine, n.to_string());
    }
    assert_eq!(loops_below(dir.path()), MANY);
    drop(volumes);
    nothing_is_held(dir.path()).await;
}

#[tokio::test]
async fn a_volume_keeps_its_kind_and_never_shrinks() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let (plain, small) = (id("amber-falcon-k3v9x2ab"), id("crimson-otter-p0q4z7mn"));
    let earlier = open(root, DiskLimits::Off).await;
    let before = earlier.ensure(&plain, Some(SIZE)).await.unwrap();
    fs::write(before.upper.join("mine"), "x").unwrap();
    drop(earlier);
    let Some(volumes) = limited(root, 0).await else {
        return;
    };
    let now = volumes.ensure(&plain, Some(SIZE)).await.unwrap();
    assert_eq!(now, before);
    assert!(now.upper.join("mine").exists());
    assert_eq!(volumes.usage(&plain).await.unwrap(), None);
    volumes.ensure(&small, Some(SIZE)).await.unwrap();
    volumes.ensure(&small, Some(SIZE / 2)).await.unwrap();
    let usage = volumes.usage(&small).await.unwrap().unwrap();
    assert!(usage.size_bytes > SIZE / 2, "{usage:?}");
    drop(volumes);
    nothing_is_held(root).await;
}

#[tokio::test]
async fn a_volume_grows_when_nobody_uses_it() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let Some(volumes) = limited(root, 0).await else {
        return;
    };
    let a = id("amber-falcon-k3v9x2ab");
    let volume = volumes.ensure(&a, Some(SIZE)).await.unwrap();
    fs::write(volume.upper.join("mine"), vec![7; 30 << 20]).unwrap();
    volumes.mark_initialized(&a).await.unwrap();
    let size = async || volumes.usage(&a).await.unwrap().unwrap().size_bytes;

    // Somebody has a file of it open.
    let open = File::open(volume.upper.join("mine")).unwrap();
    volumes.ensure(&a, Some(20 * SIZE)).await.unwrap();
    assert!(size().await <= SIZE);
    drop(open);
    // Mounted, but used by nobody; then unmounted, as at the next start.
    let again = volumes.ensure(&a, Some(20 * SIZE)).await.unwrap();
    assert!(size().await > 18 * SIZE && again.initialized);
    volumes.release(&a).await.unwrap();
    volumes.ensure(&a, Some(40 * SIZE)).await.unwrap();
    assert!(size().await > 36 * SIZE);
    volumes.ensure(&a, Some(SIZE)).await.unwrap();
    assert!(size().await > 36 * SIZE, "it never shrinks");
    assert!(fs::read(volume.upper.join("mine")).unwrap() == vec![7; 30 << 20]);
    fs::write(volume.upper.join("more"), vec![7; 128 << 20]).unwrap();
    drop(volumes);
    nothing_is_held(root).await;
}

#[tokio::test]
async fn a_growth_that_was_cut_short_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let Some(volumes) = limited(root, 0).await else {
        return;
    };
    let a = id("amber-falcon-k3v9x2ab");
    let volume = volumes.ensure(&a, Some(SIZE)).await.unwrap();
    fs::write(volume.upper.join("mine"), "x").unwrap();
    volumes.release(&a).await.unwrap();
    nothing_is_held(root).await;
    // As when the power goes: all was written, nothing was recorded.
    let of = |name: &str| root.join(a.as_str()).join(name);
    let image = File::options().write(true).open(of("disk.img")).unwrap();
    image.set_len(20 * SIZE).unwrap();
    let resized = std::process::Command::new("resize2fs")
        .arg("-z")
        .args([of("disk.undo"), of("disk.img")])
        .output()
        .unwrap();
    assert!(resized.status.success(), "{resized:?}");
    assert!(of("disk.undo").metadata().unwrap().len() > 0);

    let again = volumes.inspect(&a).await.unwrap().unwrap();
    let usage = volumes.usage(&a).await.unwrap().unwrap();
    assert!(usage.size_bytes <= SIZE, "{usage:?}");
    assert_eq!(fs::read(again.upper.join("mine")).unwrap(), b"x");
    assert!(!of("disk.undo").exists());
    // And may be tried again.
    volumes.ensure(&a, Some(20 * SIZE)).await.unwrap();
    let usage = volumes.usage(&a).await.unwrap().unwrap();
    assert!(usage.size_bytes > 18 * SIZE, "{usage:?}");
    assert_eq!(fs::read(again.upper.join("mine")).unwrap(), b"x");
    drop(volumes);
    nothing_is_held(root).await;
}
