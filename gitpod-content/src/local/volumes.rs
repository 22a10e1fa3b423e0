use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use gitpod_core::mount::Mount;
use gitpod_core::{Error, Result, WorkspaceId};
use tokio::task::JoinSet;

use super::LocalVolumesConfig;
use super::directory::Directory;
use super::disk;
use super::state::State;
use crate::beneath::{self, blocking};
use crate::{DiskUsage, Room, Volume, Volumes, WORKSPACE};

/// Volumes in a directory of this machine.
///
/// Every change is atomic: whenever the process is killed, a volume is there as a whole or not at all. What users write is as
/// durable as on any local file system; the mark that a volume is complete is durable before
/// [`mark_initialized`](Volumes::mark_initialized) returns. A volume that is asked for with a larger size grows when
/// nobody uses it; none ever shrinks, and one without a limit stays so.
#[derive(Debug)]
pub struct LocalVolumes {
    directory: Arc<Directory>,
    /// Makes spares.
    behind: Mutex<JoinSet<()>>,
}

impl LocalVolumes {
    /// Opens the directory, and removes what a killed process left unfinished.
    ///
    /// # Errors
    /// The directory cannot be made or read, or limits are required and not possible.
    pub async fn open(config: LocalVolumesConfig) -> Result<Self> {
        let root = config.root.clone();
        let open = move |_: &Path| Directory::open(&config);
        let directory = blocking("cannot open the volumes", root, open).await?;
        let volumes = Self {
            directory: Arc::new(directory),
            behind: Mutex::default(),
        };
        volumes.make_spares();
        Ok(volumes)
    }

    async fn on<T: Send + 'static>(
        &self,
        what: &'static str,
        workspace: &WorkspaceId,
        work: impl FnOnce(&Directory, &WorkspaceId) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (directory, id) = (Arc::clone(&self.directory), workspace.clone());
        blocking(what, self.directory.path(workspace), move |_| {
            work(&directory, &id)
        })
        .await
    }

    /// Makes spares behind the scenes, one after the other.
    fn make_spares(&self) {
        if !self.directory.lacks_spares() {
            return;
        }
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        while behind.try_join_next().is_some() {}
        if behind.is_empty() {
            let directory = Arc::clone(&self.directory);
            behind.spawn_blocking(move || {
                if let Err(error) = directory.make_spares() {
                    tracing::warn!(%error, "cannot make a spare volume");
                }
            });
        }
    }

    fn volume(&self, workspace: &WorkspaceId, state: &State) -> Volume {
        let content = disk::content(&self.directory.path(workspace), state.disk_bytes.is_some());
        let upper = content.join("upper");
        let mount = Mount::Overlay {
            lowers: Vec::new(),
            upper: upper.clone(),
            work: content.join("work"),
            target: PathBuf::from(WORKSPACE),
        };
        let mut volume = Volume::new(workspace.clone(), mount, upper);
        volume.initialized = state.initialized;
        volume
    }
}

#[async_trait]
impl Volumes for LocalVolumes {
    async fn ensure(&self, workspace: &WorkspaceId, disk_bytes: Option<u64>) -> Result<Volume> {
        let state = self
            .on("cannot make a volume", workspace, move |directory, id| {
                directory.ensure(id, disk_bytes)
            })
            .await?;
        self.make_spares();
        Ok(self.volume(workspace, &state))
    }

    async fn inspect(&self, workspace: &WorkspaceId) -> Result<Option<Volume>> {
        let state = self
            .on("cannot read a volume", workspace, Directory::read)
            .await?;
        Ok(state.map(|state| self.volume(workspace, &state)))
    }

    async fn mark_initialized(&self, workspace: &WorkspaceId) -> Result<()> {
        let what = "cannot mark a volume as complete";
        if self
            .on(what, workspace, Directory::mark_initialized)
            .await?
        {
            Ok(())
        } else {
            Err(Error::not_found("there is no such volume").with_context("workspace", workspace))
        }
    }

    async fn release(&self, workspace: &WorkspaceId) -> Result<()> {
        self.on("cannot release a volume", workspace, Directory::release)
            .await
    }

    async fn usage(&self, workspace: &WorkspaceId) -> Result<Option<DiskUsage>> {
        self.on("cannot measure a volume", workspace, Directory::usage)
            .await
    }

    async fn room(&self) -> Result<Option<Room>> {
        let (directory, root) = (
            Arc::clone(&self.directory),
            self.directory.root().to_path_buf(),
        );
        blocking("cannot measure the disk of volumes", root, move |_| {
            directory.room().map(Some)
        })
        .await
    }

    async fn read(
        &self,
        workspace: &WorkspaceId,
        path: &str,
        most: u64,
    ) -> Result<Option<Vec<u8>>> {
        let Some(volume) = self.inspect(workspace).await? else {
            return Ok(None);
        };
        let path = path.to_owned();
        blocking(
            "cannot read a file of a volume",
            volume.upper,
            move |upper| beneath::read(upper, &path, most),
        )
        .await
    }

    async fn remove(&self, workspace: &WorkspaceId) -> Result<()> {
        self.on("cannot remove a volume", workspace, Directory::remove)
            .await
    }

    async fn list(&self) -> Result<Vec<WorkspaceId>> {
        let (directory, root) = (
            Arc::clone(&self.directory),
            self.directory.root().to_path_buf(),
        );
        blocking("cannot list the volumes", root, move |_| directory.list()).await
    }
}

impl Drop for LocalVolumes {
    fn drop(&mut self) {
        // What is being made is finished, and then removed with the rest.
        self.directory.close();
    }
}
