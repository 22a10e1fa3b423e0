//! Larger file systems in place of smaller ones. Everything here blocks.
//!
//! Only a file system that nobody uses grows, after it was found to be sound. What is overwritten meanwhile is kept beside the
//! image: a machine that stops in between gets the old file system back before it is mounted again. Programs that change an image
//! hold a lock on it that outlives this process.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::fs::{FlockOperation, flock};

use super::disk::{IMAGE, failure};
use super::state::sync_directory;

/// What was overwritten, as `e2undo` knows it. While it is there, the image may be neither of the two.
const UNDO: &str = "disk.undo";
/// What `e2fsck` answers when all is well, or well again.
const SOUND: [i32; 2] = [0, 1];

/// Makes the file system of a volume, which nobody uses, one of `bytes`. On failure it is as it was.
pub(super) fn grow(volume: &Path, bytes: u64) -> io::Result<()> {
    let image = lock(volume)?;
    let (path, undo) = (volume.join(IMAGE), volume.join(UNDO));
    run(
        Command::new("e2fsck").args(["-f", "-p"]).arg(&path),
        &image,
        &SOUND,
    )?;
    if image.metadata()?.len() < bytes {
        image.set_len(bytes)?;
    }
    let mut resize = Command::new("resize2fs");
    resize.arg("-z").arg(&undo).arg(&path);
    if let Err(error) = run(&mut resize, &image, &[0]) {
        drop(image);
        take_back(volume)?;
        return Err(error);
    }
    image.sync_all()?;
    forget(volume)
}

/// Gives a volume its old file system back, if a growth did not come to its end.
pub(super) fn take_back(volume: &Path) -> io::Result<()> {
    let undo = volume.join(UNDO);
    if !fs::exists(&undo)? {
        return Ok(());
    }
    let image = lock(volume)?;
    // Whoever held the lock may have brought it to its end.
    if !fs::exists(&undo)? {
        return Ok(());
    }
    if fs::metadata(&undo)?.len() == 0 {
        // Nothing was overwritten yet.
        return forget(volume);
    }
    let mut restore = Command::new("e2undo");
    restore.arg("-f").arg(&undo).arg(volume.join(IMAGE));
    run(&mut restore, &image, &[0])?;
    image.sync_all()?;
    forget(volume)
}

fn forget(volume: &Path) -> io::Result<()> {
    match fs::remove_file(volume.join(UNDO)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync_directory(volume),
    }
}

/// The image, for this process and those that it starts on it.
fn lock(volume: &Path) -> io::Result<File> {
    let image = File::options()
        .read(true)
        .write(true)
        .open(volume.join(IMAGE))?;
    flock(&image, FlockOperation::LockExclusive)?;
    Ok(image)
}

/// Runs a program that keeps the lock as its standard input, should this process be killed.
fn run(command: &mut Command, image: &File, good: &[i32]) -> io::Result<()> {
    let output = command
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::from(image.try_clone()?))
        .output()?;
    if output
        .status
        .code()
        .is_some_and(|code| good.contains(&code))
    {
        return Ok(());
    }
    Err(failure(command, &output))
}
