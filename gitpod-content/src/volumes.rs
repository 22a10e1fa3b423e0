use std::fmt;
use std::path::PathBuf;

use async_trait::async_trait;
use gitpod_core::mount::Mount;
use gitpod_core::{Result, WorkspaceId};

/// Where an instance sees its volume.
pub const WORKSPACE: &str = "/workspace";

/// The files of one workspace on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Volume {
    /// Whose.
    pub workspace: WorkspaceId,
    /// How an instance mounts it at `/workspace`.
    pub mount: Mount,
    /// Where its private upper lies on the node.
    pub upper: PathBuf,
    /// Whether an initializer completed.
    pub initialized: bool,
}

impl Volume {
    /// A volume that was not initialised.
    pub fn new(workspace: WorkspaceId, mount: Mount, upper: PathBuf) -> Self {
        Self {
            workspace,
            mount,
            upper,
            initialized: false,
        }
    }
}

/// What a workspace uses of a disk of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskUsage {
    /// Bytes that files take.
    pub used_bytes: u64,
    /// Bytes that files may take.
    pub size_bytes: u64,
    /// Bytes it takes of the node's disk.
    pub kept_bytes: u64,
}

impl DiskUsage {
    /// How full it is; 100 is full.
    pub fn percent(&self) -> u64 {
        let used = self.used_bytes.saturating_mul(100);
        used.checked_div(self.size_bytes).unwrap_or_default()
    }
}

/// What is left of the node's disk, which all volumes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub free_bytes: u64,
    /// With less than this, no volume is made or opened.
    pub reserve_bytes: u64,
}

impl Room {
    /// Whether no volume is made or opened.
    pub fn is_short(&self) -> bool {
        self.free_bytes < self.reserve_bytes
    }
}

/// Keeps the files of workspaces.
#[async_trait]
pub trait Volumes: fmt::Debug + Send + Sync + 'static {
    /// The workspace's volume, made if missing.
    ///
    /// # Behavior
    /// Idempotent. `disk_bytes` limits what may be written where the node can enforce it. A volume that is limited to less
    /// already may be made larger, and is never made smaller.
    ///
    /// # Errors
    /// The disk cannot be written. `RateLimited` with context `disk` when the node's disk is nearly full (see
    /// [`room`](Self::room)): what is left is for the volumes in use.
    async fn ensure(&self, workspace: &WorkspaceId, disk_bytes: Option<u64>) -> Result<Volume>;

    /// The workspace's volume, if there is one.
    ///
    /// # Errors
    /// The disk cannot be read.
    async fn inspect(&self, workspace: &WorkspaceId) -> Result<Option<Volume>>;

    /// Records durably that the volume is complete.
    ///
    /// # Errors
    /// `NotFound`, or the disk cannot be written.
    async fn mark_initialized(&self, workspace: &WorkspaceId) -> Result<()>;

    /// Lets go of what the node holds for the volume while it is in use (mounts); its files stay. Call it when no instance uses
    /// the volume any more; [`ensure`](Self::ensure) and [`inspect`](Self::inspect) bring it back.
    ///
    /// # Behavior
    /// Idempotent; harmless while an instance still runs. Does nothing by default.
    ///
    /// # Errors
    /// The node does not let go.
    async fn release(&self, _workspace: &WorkspaceId) -> Result<()> {
        Ok(())
    }

    /// What the workspace uses of a disk of its own; `None` when it has none, or it is not in use.
    ///
    /// # Errors
    /// The disk cannot be asked.
    async fn usage(&self, _workspace: &WorkspaceId) -> Result<Option<DiskUsage>> {
        Ok(None)
    }

    /// What is left of the node's disk; `None` when there is no such thing.
    ///
    /// # Errors
    /// The disk cannot be asked.
    async fn room(&self) -> Result<Option<Room>> {
        Ok(None)
    }

    /// The first `most` bytes of a regular file of the volume, as its instances wrote it; `None` when there is no such file.
    ///
    /// # Behavior
    /// `path` is below `/workspace`; no link is followed, whatever instances made of it. There are no files by default.
    ///
    /// # Errors
    /// The disk cannot be read.
    async fn read(
        &self,
        _workspace: &WorkspaceId,
        _path: &str,
        _most: u64,
    ) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    /// Removes the files for good. Removing what is not there succeeds.
    ///
    /// # Errors
    /// Something could not be removed; call again.
    async fn remove(&self, workspace: &WorkspaceId) -> Result<()>;

    /// Every volume on this node.
    ///
    /// # Errors
    /// The disk cannot be read.
    async fn list(&self) -> Result<Vec<WorkspaceId>>;
}
