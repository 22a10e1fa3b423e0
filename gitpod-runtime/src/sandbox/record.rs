//! What is kept on disk about an instance, in a directory of its own: `state.json` once its command ran, `exit.json` once it
//! ended, `log`, and the socket of its shim.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use gitpod_core::InstanceId;
use gitpod_core::instance::Exit;
use rustix::net::SocketAddrUnix;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::channel::Channel;
use super::mounts::open_directory;
use super::protocol::Record;
use super::trouble::Trouble;

const RECORD: &str = "state.json";
const EXIT: &str = "exit.json";
const SOCKET: &str = "shim.sock";

/// An instance's directory.
#[derive(Debug, Clone)]
pub(super) struct Place {
    directory: PathBuf,
}

/// What a directory says about its instance.
#[derive(Debug)]
pub(super) enum Standing {
    /// There is none.
    Absent,
    /// It is being made by somebody who is alive.
    Creating,
    /// It runs.
    Running(Record),
    /// It ended, or was lost (`None`: its shim died without a word).
    Exited(Record, Option<Exit>),
    /// Somebody died while making it.
    HalfMade,
}

impl Place {
    /// The directory at `directory`.
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// The directory of instance `id` below `instances`.
    pub(super) fn of(instances: &Path, id: InstanceId) -> Self {
        Self {
            directory: instances.join(id.to_string()),
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The log's newest file.
    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// Listens on the shim's socket.
    pub(super) fn listen(&self) -> Result<OwnedFd, Trouble> {
        let (_directory, address) = self.address()?;
        Channel::listen(&address).map_err(|e| Trouble::new("cannot listen", e).at(&self.directory))
    }

    /// Connects to the shim.
    pub(super) fn connect(&self) -> io::Result<Channel> {
        let (_directory, address) = self
            .address()
            .map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        Channel::connect(&address)
    }

    /// The socket's address by way of a handle on its directory: paths of sockets are limited to 107 bytes.
    fn address(&self) -> Result<(OwnedFd, SocketAddrUnix), Trouble> {
        let directory = open_directory(&self.directory)?;
        let path = format!("/proc/self/fd/{}/{SOCKET}", directory.as_raw_fd());
        let address = SocketAddrUnix::new(path)
            .map_err(|e| Trouble::new("cannot name a socket", e).at(&self.directory))?;
        Ok((directory, address))
    }

    pub(super) fn write_record(&self, record: &Record) -> Result<(), Trouble> {
        self.write(RECORD, record)
    }

    pub(super) fn write_exit(&self, exit: &Exit) -> Result<(), Trouble> {
        self.write(EXIT, exit)
    }

    /// All or nothing, for readers and for a crash of the writer.
    fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), Trouble> {
        let write = || {
            let temporary = self.directory.join(format!(".{name}"));
            std::fs::write(&temporary, serde_json::to_vec(value)?)?;
            std::fs::rename(temporary, self.directory.join(name))
        };
        write().map_err(|e: io::Error| {
            Trouble::new("cannot write an instance's record", e).at(self.directory.join(name))
        })
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let text = std::fs::read(self.directory.join(name)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Looks. Makes one connection to the shim if there is one.
    pub(super) fn standing(&self) -> Standing {
        if !self.directory.is_dir() {
            return Standing::Absent;
        }
        // The order matters: a shim writes its record before it answers and the exit before it goes.
        let alive = self.connect().is_ok();
        let exit = self.read::<Exit>(EXIT);
        match (self.read::<Record>(RECORD), exit, alive) {
            (Some(record), Some(exit), _) => Standing::Exited(record, Some(exit)),
            (Some(record), None, true) => Standing::Running(record),
            // It may have ended between the two looks.
            (Some(record), None, false) => Standing::Exited(record, self.read::<Exit>(EXIT)),
            (None, _, true) => Standing::Creating,
            (None, _, false) => Standing::HalfMade,
        }
    }

    /// Removes the directory with all that is in it.
    pub(super) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}
