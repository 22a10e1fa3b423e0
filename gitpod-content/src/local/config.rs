use std::path::PathBuf;

use gitpod_core::Result;
use serde::{Deserialize, Serialize};

use super::LocalVolumes;

/// Where and how [`LocalVolumes`] keeps files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LocalVolumesConfig {
    /// The directory of all volumes; made if missing, readable by this process' user alone.
    pub root: PathBuf,
    /// Whether the size of a volume is limited.
    #[serde(default)]
    pub disk_limits: DiskLimits,
    /// No volume is made when less than this is free on the disk, in bytes.
    #[serde(default = "reserve_bytes")]
    pub reserve_bytes: u64,
}

/// Whether the size of a volume is limited to the `disk_bytes` it is made with.
///
/// A limited volume is a file system of its own: ext4 in a sparse image file, mounted by a loop device. So a workspace that
/// fills its disk hurts itself only. It costs 20 to 40 ms when a volume is made (a spare of the last size is kept ready, which
/// takes that off the way of a start), 4 MiB of disk, and a mount of the machine for as long as the volume is in use. Images are
/// sparse: the machine's own disk can still fill up when volumes promise more than it has; watch its free space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiskLimits {
    /// Limited where this process may mount loop devices; not limited, with a warning in the log, elsewhere.
    #[default]
    Auto,
    /// Limited; opening fails where that is not possible.
    Required,
    /// Not limited.
    Off,
}

const fn reserve_bytes() -> u64 {
    64 << 20
}

impl LocalVolumesConfig {
    /// Volumes below `root`, limited where possible.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            disk_limits: DiskLimits::default(),
            reserve_bytes: reserve_bytes(),
        }
    }

    /// Opens the volumes.
    ///
    /// # Errors
    /// The directory cannot be made or read, or limits are required and not possible.
    pub async fn build(self) -> Result<LocalVolumes> {
        LocalVolumes::open(self).await
    }
}
