//! File systems of a limited size: ext4 in a sparse image file, mounted by a loop device. Everything here blocks.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::DiskLimits;

/// The image, and where it is mounted, in a volume's directory.
const IMAGE: &str = "disk.img";
const MOUNT: &str = "disk";
/// Smaller than this, ext4 has more of its own than room for files.
const MIN_BYTES: u64 = 16 << 20;

/// Whether volumes can be limited here.
pub(super) fn is_possible(limits: DiskLimits) -> io::Result<bool> {
    let missing = match limits {
        DiskLimits::Off => return Ok(false),
        DiskLimits::Auto | DiskLimits::Required => missing(),
    };
    match (missing, limits) {
        (None, _) => Ok(true),
        (Some(what), DiskLimits::Required) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("disk limits are required, but {what}"),
        )),
        (Some(what), _) => {
            tracing::warn!(reason = what, "the disks of workspaces are not limited");
            Ok(false)
        }
    }
}

fn missing() -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        return Some("this process is not root, and so may not mount");
    }
    if !Path::new("/dev/loop-control").exists() {
        return Some("this machine has no loop devices");
    }
    if run(Command::new("mkfs.ext4").arg("-V")).is_err() {
        return Some("`mkfs.ext4` is not installed (Debian: e2fsprogs)");
    }
    if run(Command::new("mount").arg("--version")).is_err() {
        return Some("`mount` is not installed (Debian: mount)");
    }
    None
}

/// Makes a file system of `bytes` in the directory of a new volume, and mounts it.
pub(super) fn make(volume: &Path, bytes: u64) -> io::Result<()> {
    let image = volume.join(IMAGE);
    File::create_new(&image)?.set_len(bytes.max(MIN_BYTES))?;
    // A new sparse file reads as zeros: nothing has to be cleared, now or later.
    run(Command::new("mkfs.ext4")
        .args([
            "-q",
            "-F",
            "-m",
            "0",
            "-E",
            "nodiscard,lazy_itable_init=1,lazy_journal_init=1",
        ])
        .arg(&image))?;
    fs::create_dir(volume.join(MOUNT))?;
    mount(volume)
}

/// Mounts the file system of a volume, unless it is mounted: a reboot takes mounts away.
pub(super) fn mount(volume: &Path) -> io::Result<()> {
    if is_mounted(volume)? {
        return Ok(());
    }
    // An image that is in use elsewhere (in a running instance) gets the same loop device, and so the same file system.
    run(Command::new("mount")
        .args([
            "-t",
            "ext4",
            "-o",
            "loop,nosuid,nodev,noatime,noinit_itable",
        ])
        .arg(volume.join(IMAGE))
        .arg(volume.join(MOUNT)))
}

/// Unmounts the file systems of these volumes where they are mounted. Instances that use them keep them.
pub(super) fn unmount<'a>(volumes: impl Iterator<Item = &'a Path>) -> io::Result<()> {
    let mounted: Vec<PathBuf> = volumes
        .filter(|volume| is_mounted(volume).unwrap_or(false))
        .map(|volume| volume.join(MOUNT))
        .collect();
    if mounted.is_empty() {
        return Ok(());
    }
    run(Command::new("umount").arg("--lazy").args(mounted))
}

/// The directory of a volume that has `upper` and `work`.
pub(super) fn content(volume: &Path, limited: bool) -> PathBuf {
    if limited {
        volume.join(MOUNT)
    } else {
        volume.to_path_buf()
    }
}

fn is_mounted(volume: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(volume.join(MOUNT)) {
        Ok(mount) => Ok(mount.dev() != fs::symlink_metadata(volume)?.dev()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let program = command.get_program().to_string_lossy();
    Err(io::Error::other(format!("{program}: {}", said.trim())))
}
