//! File systems of a limited size: ext4 in a sparse image file, mounted by a loop device. Everything here blocks.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rustix::mount::UnmountFlags;

use super::DiskLimits;
use super::growth;
use super::template::Template;
use crate::DiskUsage;
use crate::beneath::remove_all;

/// The image, and where it is mounted, in a volume's directory.
pub(super) const IMAGE: &str = "disk.img";
const MOUNT: &str = "disk";
/// The size of the file system that is made to try.
const TRY_BYTES: u64 = 64 << 20;
/// How long the kernel may take to let go of a loop device.
const LOOKS: u32 = 50;
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// A file system that cannot be written any more (the machine's own disk is full) is read-only rather than damaged.
const OPTIONS: &str = "loop,nosuid,nodev,noatime,noinit_itable,discard,errors=remount-ro";

/// Whether volumes can be limited here; tries it out in `scratch`, a directory that is made and removed.
pub(super) fn is_possible(limits: DiskLimits, scratch: &Path) -> io::Result<bool> {
    let missing = match limits {
        DiskLimits::Off => return Ok(false),
        DiskLimits::Auto | DiskLimits::Required => missing(scratch),
    };
    match (missing, limits) {
        (None, _) => Ok(true),
        (Some(what), DiskLimits::Required) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("disk limits are required, but {what}"),
        )),
        (Some(reason), _) => {
            tracing::warn!(
                reason,
                "the disks of workspaces are not limited: one can fill the disk of all; `gitpod-server doctor` says more"
            );
            Ok(false)
        }
    }
}

/// Why volumes cannot be limited here.
pub(super) fn missing(scratch: &Path) -> Option<String> {
    let lacks = |what: &str| Some(String::from(what));
    if !rustix::process::geteuid().is_root() {
        return lacks("this process is not root, and so may not mount");
    }
    if !Path::new("/dev/loop-control").exists() {
        return lacks("this machine has no loop devices (/dev/loop-control)");
    }
    if run(Command::new("mkfs.ext4").arg("-V")).is_err() {
        return lacks("`mkfs.ext4` is not installed (Debian: e2fsprogs)");
    }
    if run(Command::new("mount").arg("--version")).is_err() {
        return lacks("`mount` is not installed (Debian: mount)");
    }
    let tried = try_out(scratch);
    let removed = unmount(scratch).and_then(|()| remove_all(scratch));
    let error = tried.and(removed).err()?;
    Some(format!("a try failed: {error}"))
}

/// Root in a container may lack the right to mount, or its loop devices.
fn try_out(scratch: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(scratch)?;
    make(
        scratch,
        &Template::make(&scratch.join("template"), TRY_BYTES)?,
    )
}

/// Puts a file system into the directory of a new volume, and mounts it.
pub(super) fn make(volume: &Path, template: &Template) -> io::Result<()> {
    template.write(&volume.join(IMAGE))?;
    fs::create_dir(volume.join(MOUNT))?;
    mount(volume)
}

/// Mounts the file system of a volume, unless it is mounted: a reboot takes mounts away.
pub(super) fn mount(volume: &Path) -> io::Result<()> {
    if is_mounted(volume)? {
        return Ok(());
    }
    growth::take_back(volume)?;
    // An image that is in use elsewhere (in a running instance) gets the same loop device, and so the same file system; the
    // kernel lets go of the device with the last mount. What is deleted inside is punched out of the image.
    run(Command::new("mount")
        .args(["-n", "-t", "ext4", "-o", OPTIONS])
        .arg(volume.join(IMAGE))
        .arg(volume.join(MOUNT)))
}

/// Gives back what was deleted last: a file system drops that when it is unmounted soon after, and while it is full.
pub(super) fn trim(volume: &Path) {
    let mount = volume.join(MOUNT);
    let trimmed = is_mounted(volume).and_then(|mounted| {
        if mounted {
            // Until it is written down that they are free, blocks are not.
            rustix::fs::syncfs(File::open(&mount)?)?;
            run(Command::new("fstrim").arg(&mount))?;
        }
        Ok(())
    });
    if let Err(error) = trimmed {
        // It costs room, nothing else; the next stop tries again.
        tracing::debug!(%error, "cannot give back what was deleted");
    }
}

/// Unmounts the file system of a volume where it is mounted. Instances that use it keep it.
pub(super) fn unmount(volume: &Path) -> io::Result<()> {
    if is_mounted(volume).unwrap_or(false) {
        let flags = UnmountFlags::DETACH | UnmountFlags::NOFOLLOW;
        rustix::mount::unmount(volume.join(MOUNT), flags)?;
    }
    Ok(())
}

/// Unmounts the file system of a volume for a while. Whether nobody uses it now, which may take the kernel a moment.
pub(super) fn set_free(volume: &Path) -> io::Result<bool> {
    if is_mounted(volume)? {
        match rustix::mount::unmount(volume.join(MOUNT), UnmountFlags::NOFOLLOW) {
            Err(rustix::io::Errno::BUSY) => return Ok(false),
            unmounted => unmounted?,
        }
    }
    for _ in 0..LOOKS {
        if !is_in_use(volume)? {
            return Ok(true);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(false)
}

/// Whether the file system of a volume is mounted somewhere, be it in a running instance only.
pub(super) fn is_in_use(volume: &Path) -> io::Result<bool> {
    let image = volume.join(IMAGE);
    for device in fs::read_dir("/sys/block")? {
        let file = device?.path().join("loop/backing_file");
        // Other devices have no such file; a loop device may go meanwhile.
        if fs::read(file).is_ok_and(|file| file.trim_ascii() == image.as_os_str().as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is used of the file system of a volume; `None` while it is not mounted.
pub(super) fn usage(volume: &Path) -> io::Result<Option<DiskUsage>> {
    if !is_mounted(volume)? {
        return Ok(None);
    }
    let stat = rustix::fs::statvfs(volume.join(MOUNT))?;
    let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
    Ok(Some(DiskUsage {
        used_bytes: bytes(stat.f_blocks.saturating_sub(stat.f_bfree)),
        size_bytes: bytes(stat.f_blocks),
        kept_bytes: fs::metadata(volume.join(IMAGE))?
            .blocks()
            .saturating_mul(512),
    }))
}

/// The directory of a volume that has `upper` and `work`.
pub(super) fn content(volume: &Path, limited: bool) -> PathBuf {
    if limited {
        volume.join(MOUNT)
    } else {
        volume.to_path_buf()
    }
}

pub(super) fn is_mounted(volume: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(volume.join(MOUNT)) {
        Ok(mount) => Ok(mount.dev() != fs::symlink_metadata(volume)?.dev()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn run(command: &mut Command) -> io::Result<()> {
    let output = command
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(failure(command, &output))
}

/// What a program says about its failure.
pub(super) fn failure(command: &Command, output: &Output) -> io::Error {
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).find(|line| !line.is_empty());
    let program = command.get_program().to_string_lossy();
    io::Error::other(format!("{program}: {}", said.unwrap_or("failed")))
}
