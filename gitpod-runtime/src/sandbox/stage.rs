//! Where overlays are made.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::layers::Layers;
use super::mounts::open_directory;
use super::sys;
use super::trouble::Trouble;

/// Where the overlays of an instance are made.
#[derive(Debug)]
pub(super) enum Stage<'fd> {
    /// Anywhere: their layers are attached nowhere.
    Anywhere,
    /// In the caller's own mount namespace, in which nobody else lives.
    Here,
    /// In the mount namespace of this process, whose program has not begun. It is a copy of the node's that nobody else sees,
    /// and gone with the instance.
    Within(BorrowedFd<'fd>),
}

impl<'fd> Stage<'fd> {
    /// The stage for an instance whose first process is behind `init`.
    pub(super) fn new(layers: Layers, init: BorrowedFd<'fd>) -> Self {
        match layers {
            Layers::Detached => Self::Anywhere,
            Layers::Attached => Self::Within(init),
        }
    }

    /// The stage for an instance that makes its own mounts.
    pub(super) fn own(layers: Layers) -> Self {
        match layers {
            Layers::Detached => Self::Anywhere,
            Layers::Attached => Self::Here,
        }
    }
}

/// Does `work` in the mount namespace of the process behind `process`. Needs a process with a single thread.
pub(super) fn visit<T>(
    process: BorrowedFd<'_>,
    work: impl FnOnce() -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let home = Home::remember()?;
    sys::join_namespaces(process, libc::CLONE_NEWNS)
        .map_err(|e| Trouble::new("cannot enter the instance's mount namespace", e))?;
    let result = work();
    home.return_to()?;
    result
}

/// What entering a mount namespace changes.
struct Home {
    namespace: File,
    root: OwnedFd,
    directory: OwnedFd,
}

impl Home {
    fn remember() -> Result<Self, Trouble> {
        let namespace = File::open("/proc/self/ns/mnt")
            .map_err(|e| Trouble::new("cannot open the mount namespace", e))?;
        Ok(Self {
            namespace,
            root: open_directory("/".as_ref())?,
            directory: open_directory(".".as_ref())?,
        })
    }

    /// On failure this process is nowhere, and of no more use.
    fn return_to(self) -> Result<(), Trouble> {
        sys::join_namespaces(self.namespace.as_fd(), libc::CLONE_NEWNS)
            .map_err(|e| Trouble::new("cannot return from the instance's mount namespace", e))?;
        let root = || {
            // The program may run in a changed root directory, which a mount namespace does not know.
            rustix::process::fchdir(&self.root)?;
            rustix::process::chroot(".")?;
            rustix::process::fchdir(&self.directory)
        };
        root().map_err(|e| Trouble::new("cannot return to the root directory", e))
    }
}
