//! Workspace volumes on a local disk.
//!
//! ```text
//! root/                        0700
//!   amber-falcon-k3v9x2ab/     one workspace
//!     state.json               format version, whether initialised
//!     upper/                   what its instances wrote, with the ids seen inside
//!     work/                    overlayfs' own
//! ```

mod config;
mod state;
mod volumes;

pub use config::LocalVolumesConfig;
pub use volumes::LocalVolumes;
