use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use gitpod_core::instance::RunAs;
use gitpod_core::mount::Mount;
use gitpod_core::{Error, Result, WorkspaceId};

use super::LocalVolumesConfig;
use super::state::{State, sync_directory};
use crate::beneath::{blocking, own, remove_all};
use crate::{Volume, Volumes, WORKSPACE};

/// A volume being made, or being removed. No workspace id starts with a dot.
const UNFINISHED: &str = ".unfinished-";

/// Volumes in a directory of this machine.
///
/// Every change is atomic: whenever the process is killed, a volume is there as a whole or not at all.
#[derive(Debug)]
pub struct LocalVolumes {
    root: PathBuf,
    unfinished: AtomicU64,
}

impl LocalVolumes {
    /// Opens the directory, and removes what a killed process left unfinished.
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub async fn open(config: LocalVolumesConfig) -> Result<Self> {
        let root = blocking("cannot open the volumes", config.root, |root| {
            let root = std::path::absolute(root)?;
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
                    remove_all(&entry.path())?;
                }
            }
            Ok(root)
        })
        .await?;
        Ok(Self {
            root,
            unfinished: AtomicU64::new(0),
        })
    }

    fn directory(&self, workspace: &WorkspaceId) -> PathBuf {
        self.root.join(workspace.as_str())
    }

    fn unfinished(&self, workspace: &WorkspaceId) -> PathBuf {
        let n = self.unfinished.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        self.root
            .join(format!("{UNFINISHED}{workspace}-{process}-{n}"))
    }
}

#[async_trait]
impl Volumes for LocalVolumes {
    async fn ensure(&self, workspace: &WorkspaceId, _disk_bytes: Option<u64>) -> Result<Volume> {
        let directory = self.directory(workspace);
        let new = self.unfinished(workspace);
        let state = blocking(
            "cannot make a volume",
            directory.clone(),
            move |directory| {
                if let Some(state) = State::read(directory)? {
                    return Ok(state);
                }
                let made = make(&new, directory);
                if made.is_err() {
                    remove_all(&new)?;
                }
                match made {
                    // Somebody else made it meanwhile: theirs is as good as ours.
                    Err(error) => State::read(directory)?.ok_or(error),
                    Ok(state) => Ok(state),
                }
            },
        )
        .await?;
        Ok(volume(workspace, &directory, &state))
    }

    async fn inspect(&self, workspace: &WorkspaceId) -> Result<Option<Volume>> {
        let directory = self.directory(workspace);
        let state = blocking("cannot read a volume", directory.clone(), State::read).await?;
        Ok(state.map(|state| volume(workspace, &directory, &state)))
    }

    async fn mark_initialized(&self, workspace: &WorkspaceId) -> Result<()> {
        let missing = Error::not_found("there is no such volume").with_context("id", workspace);
        let found = blocking(
            "cannot mark a volume as complete",
            self.directory(workspace),
            |directory| {
                let Some(mut state) = State::read(directory)? else {
                    return Ok(false);
                };
                if !state.initialized {
                    state.initialized = true;
                    state.write(directory)?;
                }
                Ok(true)
            },
        )
        .await?;
        if found { Ok(()) } else { Err(missing) }
    }

    async fn remove(&self, workspace: &WorkspaceId) -> Result<()> {
        let gone = self.unfinished(workspace);
        blocking(
            "cannot remove a volume",
            self.directory(workspace),
            move |directory| {
                // From this rename on there is no such volume, whatever happens to its files.
                match fs::rename(directory, &gone) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                    renamed => renamed?,
                }
                if let Some(root) = directory.parent() {
                    sync_directory(root)?;
                }
                remove_all(&gone)
            },
        )
        .await
    }

    async fn list(&self) -> Result<Vec<WorkspaceId>> {
        blocking("cannot list the volumes", self.root.clone(), |root| {
            let mut found = Vec::new();
            for entry in fs::read_dir(root)? {
                let name = entry?.file_name();
                found.extend(name.to_str().and_then(|name| WorkspaceId::parse(name).ok()));
            }
            found.sort();
            Ok(found)
        })
        .await
    }
}

/// Makes a volume at `new`, then gives it its name.
fn make(new: &Path, directory: &Path) -> io::Result<State> {
    DirBuilder::new().mode(0o700).create(new)?;
    let upper = new.join("upper");
    DirBuilder::new().mode(0o755).create(&upper)?;
    own(&upper, RunAs::GITPOD)?;
    DirBuilder::new().mode(0o755).create(new.join("work"))?;
    let state = State::new();
    state.write(new)?;
    fs::rename(new, directory)?;
    if let Some(root) = directory.parent() {
        sync_directory(root)?;
    }
    Ok(state)
}

fn volume(workspace: &WorkspaceId, directory: &Path, state: &State) -> Volume {
    let upper = directory.join("upper");
    let mount = Mount::Overlay {
        lowers: Vec::new(),
        upper: upper.clone(),
        work: directory.join("work"),
        target: PathBuf::from(WORKSPACE),
    };
    let mut volume = Volume::new(workspace.clone(), mount, upper);
    volume.initialized = state.initialized;
    volume
}
