//! What an instance sees of its node's files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One mount of an instance, in the order they are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Mount {
    /// A file or directory of the node.
    Bind {
        /// On the node, absolute.
        source: PathBuf,
        /// In the instance, absolute; made if missing.
        target: PathBuf,
        /// Whether the instance may not write to it.
        read_only: bool,
    },
    /// A writable view: read-only layers below a private, durable upper.
    Overlay {
        /// Read-only layers, the top one first; may be empty.
        lowers: Vec<PathBuf>,
        /// What the instance wrote; stays on disk. Files in it carry the ids seen *inside* (0..65535), independent of the
        /// range an instance happens to get.
        upper: PathBuf,
        /// overlayfs' working directory, on the same file system as `upper`.
        work: PathBuf,
        /// In the instance, absolute.
        target: PathBuf,
    },
    /// A size-limited file system in memory.
    Tmpfs {
        /// In the instance, absolute.
        target: PathBuf,
        /// In bytes.
        size: u64,
    },
}
