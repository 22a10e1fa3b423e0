//! The directory of all volumes, and the changes to it, each atomic. Everything here blocks.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gitpod_core::WorkspaceId;
use gitpod_core::instance::RunAs;

use super::LocalVolumesConfig;
use super::disk;
use super::state::{State, sync_directory};
use crate::beneath::{own, remove_all};

/// A volume being made, being removed, or ready for somebody. No workspace id starts with a dot.
const UNFINISHED: &str = ".unfinished-";

#[derive(Debug)]
pub(super) struct Directory {
    root: PathBuf,
    limited: bool,
    reserve_bytes: u64,
    unfinished: AtomicU64,
    /// A limited volume that only lacks its name, and its size.
    spare: Mutex<Option<(PathBuf, u64)>>,
    /// One at a time mounts.
    mounting: Mutex<()>,
}

impl Directory {
    /// Opens the directory, and removes what a killed process left unfinished.
    pub(super) fn open(config: &LocalVolumesConfig) -> io::Result<Self> {
        let root = std::path::absolute(&config.root)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root)?;
        for entry in fs::read_dir(&root)? {
            let entry = entry?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(UNFINISHED.as_bytes())
            {
                discard(&entry.path())?;
            }
        }
        Ok(Self {
            limited: disk::is_possible(config.disk_limits)?,
            reserve_bytes: config.reserve_bytes,
            root,
            unfinished: AtomicU64::new(0),
            spare: Mutex::default(),
            mounting: Mutex::default(),
        })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn path(&self, workspace: &WorkspaceId) -> PathBuf {
        self.root.join(workspace.as_str())
    }

    /// The volume's state, its files within reach; `None` when there is no volume.
    pub(super) fn read(&self, workspace: &WorkspaceId) -> io::Result<Option<State>> {
        let path = self.path(workspace);
        let state = State::read(&path)?;
        if state
            .as_ref()
            .is_some_and(|state| state.disk_bytes.is_some())
        {
            let _alone = self.mounting.lock().unwrap_or_else(PoisonError::into_inner);
            disk::mount(&path)?;
        }
        Ok(state)
    }

    /// The volume's state; makes the volume if it is missing.
    pub(super) fn ensure(
        &self,
        workspace: &WorkspaceId,
        disk_bytes: Option<u64>,
    ) -> io::Result<State> {
        if let Some(state) = self.read(workspace)? {
            return Ok(state);
        }
        let disk_bytes = disk_bytes.filter(|_| self.limited);
        let new = match disk_bytes.and_then(|bytes| self.take_spare(bytes)) {
            Some(spare) => spare,
            None => self.make(disk_bytes)?,
        };
        let named = fs::rename(&new, self.path(workspace));
        if named.is_err() {
            discard(&new)?;
        }
        match named {
            Ok(()) => Ok(State::new(disk_bytes)),
            // Somebody else made it meanwhile: theirs is as good as ours.
            Err(error) => self.read(workspace)?.ok_or(error),
        }
    }

    /// Whether a spare of this size is wanted.
    pub(super) fn lacks_spare(&self, disk_bytes: Option<u64>) -> Option<u64> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let size = spare.as_ref().map(|(_, bytes)| *bytes);
        disk_bytes.filter(|bytes| self.limited && size != Some(*bytes))
    }

    /// Makes a spare, so that the next volume of this size is there at once.
    pub(super) fn make_spare(&self, bytes: u64) -> io::Result<()> {
        let new = self.make(Some(bytes))?;
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let old = spare.replace((new, bytes));
        drop(spare);
        old.map_or(Ok(()), |(old, _)| discard(&old))
    }

    fn take_spare(&self, bytes: u64) -> Option<PathBuf> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        spare
            .take_if(|(_, size)| *size == bytes)
            .map(|(path, _)| path)
    }

    /// Records that the volume is complete. `false`: there is none.
    pub(super) fn mark_initialized(&self, workspace: &WorkspaceId) -> io::Result<bool> {
        let path = self.path(workspace);
        let Some(mut state) = State::read(&path)? else {
            return Ok(false);
        };
        if !state.initialized {
            state.initialized = true;
            state.replace(&path)?;
        }
        Ok(true)
    }

    pub(super) fn remove(&self, workspace: &WorkspaceId) -> io::Result<()> {
        let gone = self.unfinished();
        // From this rename on there is no such volume, whatever happens to its files.
        match fs::rename(self.path(workspace), &gone) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed?,
        }
        sync_directory(&self.root)?;
        discard(&gone)
    }

    /// Lets go of what the machine holds for the volume while it is in use.
    pub(super) fn release(&self, workspace: &WorkspaceId) -> io::Result<()> {
        let _alone = self.mounting.lock().unwrap_or_else(PoisonError::into_inner);
        disk::unmount(std::iter::once(self.path(workspace).as_path()))
    }

    pub(super) fn list(&self) -> io::Result<Vec<WorkspaceId>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            found.extend(name.to_str().and_then(|name| WorkspaceId::parse(name).ok()));
        }
        found.sort();
        Ok(found)
    }

    /// Makes a volume that only lacks its name.
    fn make(&self, disk_bytes: Option<u64>) -> io::Result<PathBuf> {
        let stat = rustix::fs::statvfs(&self.root)?;
        if stat.f_bavail.saturating_mul(stat.f_frsize) < self.reserve_bytes {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let new = self.unfinished();
        let made = fill(&new, disk_bytes);
        if made.is_err() {
            discard(&new)?;
        }
        made.map(|()| new)
    }

    fn unfinished(&self) -> PathBuf {
        let n = self.unfinished.fetch_add(1, Ordering::Relaxed);
        self.root
            .join(format!("{UNFINISHED}{}-{n}", std::process::id()))
    }
}

/// A process that ends in good order leaves no mounts; running instances keep theirs.
impl Drop for Directory {
    fn drop(&mut self) {
        let spare = self
            .spare
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let volumes = self.list().unwrap_or_default();
        let volumes: Vec<PathBuf> = volumes.iter().map(|id| self.path(id)).collect();
        let unmounted = disk::unmount(volumes.iter().map(PathBuf::as_path));
        let discarded = spare.map_or(Ok(()), |(path, _)| discard(&path));
        if let Err(error) = unmounted.and(discarded) {
            tracing::warn!(%error, "cannot unmount the disks of workspaces");
        }
    }
}

fn fill(new: &Path, disk_bytes: Option<u64>) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(new)?;
    if let Some(bytes) = disk_bytes {
        disk::make(new, bytes)?;
    }
    let content = disk::content(new, disk_bytes.is_some());
    let upper = content.join("upper");
    DirBuilder::new().mode(0o755).create(&upper)?;
    own(&upper, RunAs::GITPOD)?;
    DirBuilder::new().mode(0o755).create(content.join("work"))?;
    State::new(disk_bytes).write_new(new)
}

/// Removes a volume's directory with everything in it.
fn discard(path: &Path) -> io::Result<()> {
    disk::unmount(std::iter::once(path))?;
    remove_all(path)
}
