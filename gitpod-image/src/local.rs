//! Images from this machine's disk.
//!
//! ```text
//! root/                      0700
//!   layers/sha256/<hex>/     one unpacked layer, named by the digest of its uncompressed archive (its diff id)
//! ```
//!
//! A layer directory is complete from the moment it has its name, never changes, and is shared by all instances. Removed files
//! are overlayfs whiteouts, directories that hide those below are marked opaque; files have the owners of the image.

mod beneath;
mod config;
mod digest;
mod images;
mod layers;
mod layout;
mod manifest;
mod unpack;

pub use config::{LocalImagesConfig, UnpackLimits};
pub use images::LocalImages;
