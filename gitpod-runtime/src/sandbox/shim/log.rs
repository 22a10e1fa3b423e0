//! What an instance's command writes: its last megabyte or two, in two files.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::pipe::{PipeFlags, pipe_with};

use crate::sandbox::record::Place;

/// A file of this size makes way for a new one.
const LARGEST: usize = 1 << 20;
/// Read from the command per wake-up, so that a chatty one does not keep the shim from other work.
const AT_ONCE: usize = 64 * 1024;

/// The reading end of a command's output and where it goes.
#[derive(Debug)]
pub(super) struct Log {
    reader: OwnedFd,
    path: PathBuf,
    older: PathBuf,
    file: File,
    size: usize,
}

impl Log {
    /// A new log, and the end to write to.
    pub(super) fn open(place: &Place) -> io::Result<(Self, OwnedFd)> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&reader, true)?;
        let path = place.log();
        let log = Self {
            reader,
            older: path.with_extension("1"),
            file: File::create(&path)?,
            path,
            size: 0,
        };
        Ok((log, writer))
    }

    /// Moves what is there into the file. Whether more can come.
    pub(super) fn pump(&mut self) -> bool {
        let mut buffer = [0_u8; 8192];
        for _ in 0..AT_ONCE / buffer.len() {
            match rustix::io::read(&self.reader, &mut buffer) {
                Ok(0) => return false,
                // A full disk loses log lines, nothing else.
                Ok(length) => drop(self.append(&buffer[..length])),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return true,
                Err(_) => return false,
            }
        }
        true
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.size >= LARGEST {
            std::fs::rename(&self.path, &self.older)?;
            self.file = File::create(&self.path)?;
            self.size = 0;
        }
        self.size += bytes.len();
        self.file.write_all(bytes)
    }
}

impl AsFd for Log {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
