//! Workspace volumes on a local disk.
//!
//! ```text
//! root/                        0700
//!   amber-falcon-k3v9x2ab/     one workspace
//!     state.json               format version, whether initialised, size of its own file system
//!     upper/                   what its instances wrote, with the ids seen inside
//!     work/                    overlayfs' own
//!   crimson-otter-p0q4z7mn/    one with a file system of its own (see `DiskLimits`)
//!     state.json
//!     disk.img                 the file system, a sparse file
//!     disk.undo                only while it grows
//!     disk/                    where it is mounted: upper/, work/
//! ```

mod config;
mod directory;
mod disk;
mod growth;
mod spares;
mod state;
mod template;
mod volumes;

pub use config::{DiskLimits, LocalVolumesConfig};
pub use volumes::LocalVolumes;
