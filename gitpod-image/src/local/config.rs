use std::path::PathBuf;

use gitpod_core::Result;
use serde::{Deserialize, Serialize};

use super::LocalImages;

/// Where [`LocalImages`] keeps layers, and how large these may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LocalImagesConfig {
    /// The directory of all layers; made if missing, readable by this process' user alone.
    pub root: PathBuf,
    /// Directories of this machine whose OCI layouts may be used, `/srv/images` by default. Repositories name images: what is
    /// outside, files of other workspaces for one, is none to them.
    #[serde(default = "layouts")]
    pub layouts: Vec<PathBuf>,
    /// How large a layer may be.
    #[serde(default)]
    pub limits: UnpackLimits,
}

fn layouts() -> Vec<PathBuf> {
    vec![PathBuf::from("/srv/images")]
}

impl LocalImagesConfig {
    /// Layers below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            layouts: layouts(),
            limits: UnpackLimits::default(),
        }
    }

    /// Opens the store.
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub async fn build(self) -> Result<LocalImages> {
        LocalImages::open(self).await
    }
}

/// How large one layer may be: what protects the disk from an archive that grows without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UnpackLimits {
    /// Files, directories and links.
    pub entries: u64,
    /// Uncompressed size, in bytes.
    pub bytes: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            entries: 2_000_000,
            bytes: 64 << 30,
        }
    }
}
