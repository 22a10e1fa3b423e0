use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gitpod_core::Result;
use gitpod_core::instance::RunAs;
use gitpod_core::mount::Mount;
use tempfile::TempDir;

use crate::Volume;
use crate::beneath::{blocking, own};

/// Where a job sees the scratch room.
const SCRATCH: &str = "/scratch";
/// Where a job sees our configuration of git.
const POLICY: &str = "/run/gitpod/git-policy";

/// A directory that jobs work in: where it is on this machine, where a job sees it, and the mount that makes it so.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub(super) host: PathBuf,
    pub(super) seen: PathBuf,
    pub(super) mount: Mount,
}

impl Room {
    /// The volume, writable, as its instance will see it.
    pub(super) fn of_volume(volume: &Volume, confined: bool) -> Self {
        let target = match &volume.mount {
            Mount::Overlay { target, .. } | Mount::Bind { target, .. } => target.clone(),
            _ => volume.upper.clone(),
        };
        Self {
            host: volume.upper.clone(),
            seen: if confined {
                target
            } else {
                volume.upper.clone()
            },
            mount: volume.mount.clone(),
        }
    }

    /// `path` below the room, as a job sees it.
    pub(super) fn see(&self, path: &str) -> String {
        self.seen.join(path).display().to_string()
    }
}

/// Short-lived files of one question to git: removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    directory: TempDir,
    confined: bool,
}

impl Scratch {
    /// Makes an empty scratch with the `policy` file in it.
    pub(super) async fn new(parent: Option<&Path>, policy: String, confined: bool) -> Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let directory = blocking("cannot make a scratch directory", parent, move |parent| {
            fs::create_dir_all(parent)?;
            let directory = tempfile::Builder::new()
                .prefix("gitpod-git-")
                .tempdir_in(parent)?;
            fs::write(directory.path().join("policy"), policy)?;
            Ok(directory)
        })
        .await?;
        Ok(Self {
            directory,
            confined,
        })
    }

    /// The configuration file of git: its mount, and its path as a job sees it.
    pub(super) fn policy(&self) -> (Mount, PathBuf) {
        let source = self.directory.path().join("policy");
        let target = PathBuf::from(POLICY);
        let seen = if self.confined {
            target.clone()
        } else {
            source.clone()
        };
        let mount = Mount::Bind {
            source,
            target,
            read_only: true,
        };
        (mount, seen)
    }

    /// An empty, writable room of `owner`'s; `fill` may put something in first.
    pub(super) async fn room(
        &self,
        owner: RunAs,
        fill: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<Room> {
        self.overlay(Vec::new(), PathBuf::from(SCRATCH), owner, fill)
            .await
    }

    /// The content of a volume, in a room where nothing that is written reaches the volume.
    pub(super) async fn shadow(&self, volume: &Volume, owner: RunAs) -> Result<Room> {
        let target = Room::of_volume(volume, true).seen;
        let mut lowers = vec![volume.upper.clone()];
        if let Mount::Overlay { lowers: below, .. } = &volume.mount {
            lowers.extend(below.iter().cloned());
        }
        let mut room = self.overlay(lowers, target, owner, |_| Ok(())).await?;
        if !self.confined {
            room.seen.clone_from(&volume.upper);
        }
        room.host.clone_from(&volume.upper);
        Ok(room)
    }

    async fn overlay(
        &self,
        lowers: Vec<PathBuf>,
        target: PathBuf,
        owner: RunAs,
        fill: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<Room> {
        let base = self.directory.path().to_path_buf();
        blocking(
            "cannot make a scratch directory",
            base.clone(),
            move |base| {
                let upper = base.join("upper");
                fs::create_dir(&upper)?;
                fs::create_dir(base.join("work"))?;
                fill(&upper)?;
                own(&upper, owner)
            },
        )
        .await?;
        let upper = base.join("upper");
        let mount = Mount::Overlay {
            lowers,
            upper: upper.clone(),
            work: base.join("work"),
            target: target.clone(),
        };
        Ok(Room {
            host: upper.clone(),
            seen: if self.confined { target } else { upper },
            mount,
        })
    }
}
