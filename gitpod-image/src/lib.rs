//! Resolves what a repository asks for as an image into a root file system.
//!
//! Backends of [`ImageStore`]: [`HostImages`], the reference, knows this machine's tool chain alone; [`local`] also unpacks
//! images from OCI layout directories into layers that all instances share.
#![forbid(unsafe_code)]

mod host;
#[cfg(feature = "local")]
pub mod local;

use std::fmt;

use async_trait::async_trait;
use gitpod_core::Result;
use gitpod_core::image::{ImageRef, ResolvedImage};
pub use host::HostImages;

/// Makes images ready on this node.
#[async_trait]
pub trait ImageStore: fmt::Debug + Send + Sync + 'static {
    /// Resolves `image` and makes its layers ready.
    ///
    /// # Behavior
    /// Idempotent; concurrent calls for one image do the work once. Each layer is verified against its digest and unpacked
    /// once, safe against traversal, into a directory that all instances share read-only.
    ///
    /// # Errors
    /// `NotFound` (no such image; the hint names what to do), `Unsupported` (a kind of image this store does not know),
    /// `InvalidInput` (a digest or an archive that lies).
    async fn ensure(&self, image: &ImageRef) -> Result<ResolvedImage>;
}
