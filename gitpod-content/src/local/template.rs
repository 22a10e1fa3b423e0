use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use rustix::fs::SeekFrom;
use rustix::io::Errno;

use super::disk::run;

/// Smaller than this, ext4 has more of its own than room for files.
const MIN_BYTES: u64 = 16 << 20;
/// What of an empty file system is not zeros is much less than this, unless the disk below cannot tell where its holes are.
const MOST_BYTES: u64 = 32 << 20;

/// An empty file system of one size, in memory: a new volume gets a copy of these 400 KiB. `mkfs.ext4` would wait four times
/// until the disk has everything; a copy becomes durable with its first mount.
///
/// All volumes made from it have the same UUID; nothing here finds a file system by that.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) bytes: u64,
    /// What is not zeros, by offset.
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Template {
    /// Makes an empty file system of `bytes`, by way of a file at `path` that is removed again.
    pub(super) fn make(path: &Path, bytes: u64) -> io::Result<Self> {
        let made = mkfs(path, bytes).and_then(|()| pieces(&File::open(path)?));
        fs::remove_file(path)?;
        Ok(Self {
            bytes,
            pieces: made?,
        })
    }

    /// Writes the file system to a new file.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let image = File::create_new(path)?;
        for (offset, piece) in &self.pieces {
            image.write_all_at(piece, *offset)?;
        }
        image.set_len(self.bytes.max(MIN_BYTES))
    }
}

fn mkfs(path: &Path, bytes: u64) -> io::Result<()> {
    File::create_new(path)?.set_len(bytes.max(MIN_BYTES))?;
    // Nothing reserved for root. A new sparse file reads as zeros: nothing has to be cleared, now or later. Without blocks set
    // aside for growing (tables can move when it grows), an empty file system of 30 GiB takes 400 KiB instead of 4.5 MiB.
    run(Command::new("mkfs.ext4")
        .args(["-q", "-F", "-m", "0", "-O", "^resize_inode"])
        .args(["-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1"])
        .arg(path))
}

/// What of a sparse file is there.
fn pieces(file: &File) -> io::Result<Vec<(u64, Vec<u8>)>> {
    let (mut found, mut total, mut offset) = (Vec::new(), 0, 0);
    loop {
        let start = match rustix::fs::seek(file, SeekFrom::Data(offset)) {
            Ok(start) => start,
            Err(Errno::NXIO) => return Ok(found), // nothing from here on
            Err(error) => return Err(error.into()),
        };
        let end = rustix::fs::seek(file, SeekFrom::Hole(start))?;
        total += end - start;
        let Some(length) = usize::try_from(end - start)
            .ok()
            .filter(|_| total <= MOST_BYTES)
        else {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the disk keeps no sparse files",
            ));
        };
        let mut piece = vec![0; length];
        file.read_exact_at(&mut piece, start)?;
        found.push((start, piece));
        offset = end;
    }
}
