use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use gitpod_core::image::{ImageRef, ResolvedImage, RootFs};
use gitpod_core::{Error, Result};

use super::LocalImagesConfig;
use super::digest::Digest;
use super::layers::{Compression, Layers};
use super::layout::Layout;
use crate::{HostImages, ImageStore};

/// This machine's tool chain, and images from OCI layout directories.
///
/// Each document and layer is verified against its digest. A layer is unpacked once, whatever images have it.
#[derive(Debug)]
pub struct LocalImages {
    layers: Arc<Layers>,
    layouts: Arc<[PathBuf]>,
}

impl LocalImages {
    /// Opens the store, and removes what a killed process left unfinished.
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub async fn open(config: LocalImagesConfig) -> Result<Self> {
        let shown = config.root.display().to_string();
        let layouts = config.layouts.clone();
        let layers = blocking(move || {
            Layers::open(&config.root, config.limits).map_err(|source| {
                Error::unexpected("cannot open the image store")
                    .with_context("path", shown)
                    .with_source(source)
            })
        })
        .await?;
        Ok(Self {
            layers: Arc::new(layers),
            layouts: layouts.into(),
        })
    }

    async fn layout(
        &self,
        image: &ImageRef,
        path: &Path,
        tag: Option<&str>,
    ) -> Result<ResolvedImage> {
        let (path, tag) = (path.to_path_buf(), tag.map(str::to_owned));
        let roots = Arc::clone(&self.layouts);
        let (layout, found) = blocking(move || {
            let layout = Layout::open(&roots, &path)?;
            let found = layout.image(tag.as_deref())?;
            Ok((Arc::new(layout), found))
        })
        .await?;
        let mut directories = Vec::new();
        for (descriptor, diff_id) in &found.layers {
            let digest = Digest::parse(&descriptor.digest)?;
            let compression = Compression::of(&descriptor.media_type)?;
            let layout = Arc::clone(&layout);
            let blob = move || layout.blob(digest);
            directories.push(
                self.layers
                    .ensure(*diff_id, digest, compression, blob)
                    .await?,
            );
        }
        // The bottom layer comes first in an image, the top one in a root file system.
        directories.reverse();
        let mut resolved = ResolvedImage::new(image.clone(), RootFs::Layers(directories));
        resolved.digest = Some(found.digest.to_string());
        resolved.env = found.config.env();
        Ok(resolved)
    }
}

#[async_trait]
impl ImageStore for LocalImages {
    async fn ensure(&self, image: &ImageRef) -> Result<ResolvedImage> {
        match image {
            ImageRef::Host => HostImages.ensure(image).await,
            ImageRef::OciLayout { path, tag } => self.layout(image, path, tag.as_deref()).await,
            ImageRef::Registry(reference) => Err(Error::unsupported(
                "images of registries cannot be used on this server yet",
            )
            .with_context("image", reference)
            .with_hint(format!(
                "copy it to the server's machine, `skopeo copy docker://{reference} oci:/srv/images/NAME:TAG`, and use \
                 `image: oci:/srv/images/NAME:TAG`; or use `image: host`, the machine's own tools"
            ))),
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|source| Error::unexpected("cannot read the image").with_source(source))?
}
