//! The directory of all volumes, and the changes to it, each atomic. Everything here blocks.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gitpod_core::WorkspaceId;
use gitpod_core::instance::RunAs;

use super::LocalVolumesConfig;
use super::disk;
use super::growth;
use super::spares::Spares;
use super::state::{State, sync_directory};
use super::template::Template;
use crate::beneath::{own, remove_all};
use crate::{DiskUsage, Room};

/// A volume being made, being removed, or ready for somebody. No workspace id starts with a dot.
const UNFINISHED: &str = ".unfinished-";
/// Sizes whose empty file system is kept in memory.
const MOST_TEMPLATES: usize = 4;

#[derive(Debug)]
pub(super) struct Directory {
    root: PathBuf,
    limited: bool,
    reserve_bytes: u64,
    unfinished: AtomicU64,
    spares: Spares,
    /// The latest sizes' empty file systems.
    templates: Mutex<Vec<Arc<Template>>>,
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
        let mut directory = Self {
            limited: false,
            reserve_bytes: config.reserve_bytes,
            root,
            unfinished: AtomicU64::new(0),
            spares: Spares::new(config.spares, &config.spare_sizes),
            templates: Mutex::default(),
            mounting: Mutex::default(),
        };
        directory.limited = disk::is_possible(config.disk_limits, &directory.unfinished())?;
        Ok(directory)
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
        let limited = state
            .as_ref()
            .is_some_and(|state| state.disk_bytes.is_some());
        if limited {
            self.mount(&path)?;
        }
        Ok(state)
    }

    fn mount(&self, path: &Path) -> io::Result<()> {
        if disk::is_mounted(path)? {
            return Ok(());
        }
        let _alone = self.mounting.lock().unwrap_or_else(PoisonError::into_inner);
        disk::mount(path)
    }

    /// The volume's state; makes the volume if it is missing.
    pub(super) fn ensure(
        &self,
        workspace: &WorkspaceId,
        disk_bytes: Option<u64>,
    ) -> io::Result<State> {
        self.check_room()?;
        self.grow(workspace, disk_bytes)?;
        if let Some(state) = self.read(workspace)? {
            return Ok(state);
        }
        let disk_bytes = disk_bytes.filter(|_| self.limited);
        if let Some(bytes) = disk_bytes {
            self.spares.want(bytes);
        }
        let new = match disk_bytes.and_then(|bytes| self.spares.take(bytes)) {
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

    /// Makes the volume's file system a larger one if that is wanted and nobody uses it; otherwise it stays as it is.
    fn grow(&self, workspace: &WorkspaceId, wanted: Option<u64>) -> io::Result<()> {
        let path = self.path(workspace);
        let Some(mut state) = State::read(&path)? else {
            return Ok(());
        };
        let Some(wanted) = wanted.filter(|bytes| state.disk_bytes.is_some_and(|has| has < *bytes))
        else {
            return Ok(());
        };
        let _alone = self.mounting.lock().unwrap_or_else(PoisonError::into_inner);
        if !disk::set_free(&path)? {
            return Ok(());
        }
        growth::take_back(&path)?;
        if let Err(error) = growth::grow(&path, wanted) {
            // It is what it was: good enough to go on with.
            tracing::warn!(%workspace, %error, "cannot make the disk of a workspace larger");
            return Ok(());
        }
        state.disk_bytes = Some(wanted);
        state.replace(&path)
    }

    /// Whether spares are to be made.
    pub(super) fn lacks_spares(&self) -> bool {
        self.limited && self.spares.lacking().is_some()
    }

    /// Makes spares until there are enough, so that the next volumes are there at once.
    pub(super) fn make_spares(&self) -> io::Result<()> {
        while let Some(bytes) = self.spares.lacking() {
            self.check_room()?;
            let new = self.make(Some(bytes))?;
            if let Some(surplus) = self.spares.put(bytes, new) {
                discard(&surplus)?;
            }
        }
        Ok(())
    }

    /// No more spares are made.
    pub(super) fn close(&self) {
        self.spares.close();
    }

    /// What is used of the volume's disk; `None` when it is not limited, or not in use.
    pub(super) fn usage(&self, workspace: &WorkspaceId) -> io::Result<Option<DiskUsage>> {
        let path = self.path(workspace);
        // The process before this one may have let go of what a running instance uses.
        if !disk::is_mounted(&path)? && disk::is_in_use(&path)? {
            self.mount(&path)?;
        }
        disk::usage(&path)
    }

    /// What is free on the disk that has all volumes.
    pub(super) fn room(&self) -> io::Result<Room> {
        let stat = rustix::fs::statvfs(&self.root)?;
        Ok(Room {
            free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            reserve_bytes: self.reserve_bytes,
        })
    }

    fn check_room(&self) -> io::Result<()> {
        let room = self.room()?;
        if !room.is_short() {
            return Ok(());
        }
        let mib = |bytes: u64| bytes >> 20;
        let text = format!(
            "the server's data disk is nearly full: {} MiB are free, {} MiB are kept in reserve for the workspaces that run",
            mib(room.free_bytes),
            mib(room.reserve_bytes)
        );
        Err(io::Error::new(io::ErrorKind::StorageFull, text))
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
        let path = self.path(workspace);
        disk::trim(&path);
        let _alone = self.mounting.lock().unwrap_or_else(PoisonError::into_inner);
        disk::unmount(&path)
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
        let template = disk_bytes.map(|bytes| self.template(bytes)).transpose()?;
        let new = self.unfinished();
        let made = fill(&new, template.as_deref());
        if made.is_err() {
            discard(&new)?;
        }
        made.map(|()| new)
    }

    fn template(&self, bytes: u64) -> io::Result<Arc<Template>> {
        let mut templates = self
            .templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = templates.iter().find(|known| known.bytes == bytes) {
            return Ok(Arc::clone(known));
        }
        let template = Arc::new(Template::make(&self.unfinished(), bytes)?);
        if templates.len() == MOST_TEMPLATES {
            templates.remove(0);
        }
        templates.push(Arc::clone(&template));
        Ok(template)
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
        let volumes = self.list().unwrap_or_default();
        let unmounted = volumes.iter().map(|id| disk::unmount(&self.path(id)));
        let spares = self.spares.drain();
        let discarded = spares.iter().map(|path| discard(path));
        for error in unmounted.chain(discarded).filter_map(Result::err) {
            tracing::warn!(%error, "cannot unmount the disk of a workspace");
        }
    }
}

fn fill(new: &Path, template: Option<&Template>) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(new)?;
    if let Some(template) = template {
        disk::make(new, template)?;
    }
    let content = disk::content(new, template.is_some());
    let upper = content.join("upper");
    DirBuilder::new().mode(0o755).create(&upper)?;
    own(&upper, RunAs::GITPOD)?;
    DirBuilder::new().mode(0o755).create(content.join("work"))?;
    State::new(template.map(|template| template.bytes)).write_new(new)
}

/// Removes a volume's directory with everything in it.
fn discard(path: &Path) -> io::Result<()> {
    disk::unmount(path)?;
    remove_all(path)
}
