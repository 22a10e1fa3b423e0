use async_trait::async_trait;
use gitpod_core::image::{ImageRef, ResolvedImage, RootFs};
use gitpod_core::{Error, Result};

use crate::ImageStore;

/// The reference store: knows this machine's tool chain and no image at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostImages;

#[async_trait]
impl ImageStore for HostImages {
    async fn ensure(&self, image: &ImageRef) -> Result<ResolvedImage> {
        match image {
            ImageRef::Host => Ok(ResolvedImage::new(ImageRef::Host, RootFs::Host)),
            ImageRef::OciLayout { .. } | ImageRef::Registry(_) => Err(Error::unsupported(
                "this server knows no images but the host's tools",
            )
            .with_context("image", image)
            .with_hint("use `image: host`, or none")),
        }
    }
}
