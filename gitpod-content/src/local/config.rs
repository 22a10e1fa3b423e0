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
}

impl LocalVolumesConfig {
    /// Volumes below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Opens the volumes.
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub async fn build(self) -> Result<LocalVolumes> {
        LocalVolumes::open(self).await
    }
}
