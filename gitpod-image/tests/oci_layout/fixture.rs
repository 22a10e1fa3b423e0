use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use gitpod_core::Result;
use gitpod_core::image::{ImageRef, ResolvedImage, RootFs};
use gitpod_image::ImageStore;
use gitpod_image::local::{LocalImages, LocalImagesConfig};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A layer's archive in the making.
pub(crate) struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    pub(crate) fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn add(
        mut self,
        kind: tar::EntryType,
        path: &str,
        mode: u32,
        link: &str,
        content: &[u8],
    ) -> Self {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(1000);
        header.set_gid(70_000);
        header.set_mtime(1_000_000);
        header.set_size(content.len() as u64);
        // As it is: the builder's own setters refuse what hostile archives have.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.add(tar::EntryType::Regular, path, 0o644, "", content.as_bytes())
    }

    pub(crate) fn program(self, path: &str) -> Self {
        self.add(tar::EntryType::Regular, path, 0o4755, "", b"#!")
    }

    pub(crate) fn directory(self, path: &str, mode: u32) -> Self {
        self.add(tar::EntryType::Directory, path, mode, "", b"")
    }

    pub(crate) fn symlink(self, path: &str, target: &str) -> Self {
        self.add(tar::EntryType::Symlink, path, 0o777, target, b"")
    }

    pub(crate) fn hard_link(self, path: &str, target: &str) -> Self {
        self.add(tar::EntryType::Link, path, 0o644, target, b"")
    }

    pub(crate) fn device(self, path: &str) -> Self {
        self.add(tar::EntryType::Char, path, 0o666, "", b"")
    }

    pub(crate) fn attribute(mut self, name: &str, value: &[u8]) -> Self {
        let key = format!("SCHILY.xattr.{name}");
        self.0
            .append_pax_extensions([(key.as_str(), value)])
            .unwrap();
        self
    }

    pub(crate) fn archive(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// A layout directory and a store.
pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) images: LocalImages,
    manifests: Vec<Value>,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut LocalImagesConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = LocalImagesConfig::new(dir.path().join("images"));
        config.layouts = vec![dir.path().to_owned()];
        change(&mut config);
        fs::create_dir_all(dir.path().join("layout/blobs/sha256")).unwrap();
        fs::write(
            dir.path().join("layout/oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
        Self {
            images: config.build().await.unwrap(),
            dir,
            manifests: Vec::new(),
        }
    }

    pub(crate) fn layout(&self) -> PathBuf {
        self.dir.path().join("layout")
    }

    /// Stores a blob; gives its descriptor.
    pub(crate) fn blob(&self, media_type: &str, content: &[u8]) -> Value {
        let hex = hex::encode(Sha256::digest(content));
        fs::write(self.layout().join("blobs/sha256").join(&hex), content).unwrap();
        json!({"mediaType": media_type, "digest": format!("sha256:{hex}"), "size": content.len()})
    }

    /// Stores an image of these layers; gives its descriptor.
    pub(crate) fn image(&self, archives: &[Vec<u8>]) -> Value {
        let layers: Vec<Value> = archives
            .iter()
            .map(|archive| {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
                gzip.write_all(archive).unwrap();
                self.blob(
                    "application/vnd.oci.image.layer.v1.tar+gzip",
                    &gzip.finish().unwrap(),
                )
            })
            .collect();
        let diff_ids: Vec<String> = archives
            .iter()
            .map(|archive| format!("sha256:{}", hex::encode(Sha256::digest(archive))))
            .collect();
        self.manifest(&layers, &diff_ids)
    }

    pub(crate) fn manifest(&self, layers: &[Value], diff_ids: &[String]) -> Value {
        let config = json!({
            "architecture": if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" },
            "os": "linux",
            "config": {"Env": ["PATH=/opt/bin:/bin", "A=b=c", "broken"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.blob(
            "application/vnd.oci.image.config.v1+json",
            config.to_string().as_bytes(),
        );
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers});
        self.blob(
            "application/vnd.oci.image.manifest.v1+json",
            manifest.to_string().as_bytes(),
        )
    }

    /// Names a descriptor in the index.
    pub(crate) fn tag(&mut self, name: &str, mut descriptor: Value) {
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        self.manifests.push(descriptor);
        let index = json!({"schemaVersion": 2, "manifests": self.manifests});
        fs::write(self.layout().join("index.json"), index.to_string()).unwrap();
    }

    pub(crate) async fn ensure(&self, tag: Option<&str>) -> Result<ResolvedImage> {
        let image = ImageRef::OciLayout {
            path: self.layout(),
            tag: tag.map(str::to_owned),
        };
        self.images.ensure(&image).await
    }

    /// The unpacked layers of an image of these archives, the bottom one first.
    pub(crate) async fn unpack(&mut self, archives: &[Vec<u8>]) -> Result<Vec<PathBuf>> {
        let image = self.image(archives);
        self.tag("test", image);
        let resolved = self.ensure(Some("test")).await?;
        let RootFs::Layers(mut layers) = resolved.rootfs else {
            panic!("not layers: {:?}", resolved.rootfs);
        };
        layers.reverse();
        Ok(layers)
    }

    /// How many layers, finished or not, are on disk.
    pub(crate) fn stored(&self) -> usize {
        fs::read_dir(self.dir.path().join("images/layers/sha256"))
            .unwrap()
            .count()
    }
}
