use std::path::PathBuf;

use gitpod_core::Result;
use serde::{Deserialize, Serialize};

use super::{LocalVolumes, disk};

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
    /// When less than this is free on the disk, in bytes, no volume is made or opened: what is left is for those in use.
    #[serde(default = "reserve_bytes")]
    pub reserve_bytes: u64,
    /// Limited volumes that are kept ready of each size, up to four sizes: those of `spare_sizes`, then those last asked for.
    #[serde(default = "spares")]
    pub spares: usize,
    /// Sizes in bytes that spares are made for from the start.
    #[serde(default)]
    pub spare_sizes: Vec<u64>,
}

/// Whether the size of a volume is limited to the `disk_bytes` it is made with.
///
/// A limited volume is a file system of its own: ext4 in a sparse image file, mounted by a loop device. So a workspace that
/// fills its disk hurts itself only. Making one takes tens of milliseconds, most of them until the disk has it; spares take that
/// off the way of a start. It costs 400 KiB of disk, and a mount of the machine for as long as the volume is in use. What is deleted
/// inside is given back to the machine's disk at once. That one can still fill up when volumes promise more than it has: see
/// [`reserve_bytes`](LocalVolumesConfig::reserve_bytes) and [`room`](crate::Volumes::room).
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

const fn spares() -> usize {
    2
}

impl LocalVolumesConfig {
    /// Volumes below `root`, limited where possible.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            disk_limits: DiskLimits::default(),
            reserve_bytes: reserve_bytes(),
            spares: spares(),
            spare_sizes: Vec::new(),
        }
    }

    /// Why volumes could not be limited here, if so; tries it out below `root` if that exists, else in the temporary directory.
    /// Blocks.
    pub fn why_not_limited(&self) -> Option<String> {
        let name = format!(".unfinished-{}-try", std::process::id());
        let place = if self.root.is_dir() {
            self.root.clone()
        } else {
            std::env::temp_dir()
        };
        disk::missing(&place.join(name))
    }

    /// Opens the volumes.
    ///
    /// # Errors
    /// The directory cannot be made or read, or limits are required and not possible.
    pub async fn build(self) -> Result<LocalVolumes> {
        LocalVolumes::open(self).await
    }
}
