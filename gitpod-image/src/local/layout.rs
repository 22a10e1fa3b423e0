use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use gitpod_core::{Error, ErrorKind, Result};
use rustix::fs::{Mode, OFlags, ResolveFlags};
use serde::de::DeserializeOwned;

use super::digest::Digest;
use super::manifest::{Descriptor, ImageConfig, Index, Manifest, here};

/// Longest JSON document of an image.
const MAX_DOCUMENT: u64 = 4 << 20;
/// How deep indexes may nest.
const MAX_NESTING: usize = 3;
/// Most layers of an image: what overlayfs can stack, with room for layers of ours.
const MAX_LAYERS: usize = 400;

/// An OCI layout directory. Nothing outside of it is read, whatever symbolic links it has.
#[derive(Debug)]
pub(super) struct Layout {
    path: PathBuf,
    directory: OwnedFd,
}

/// An image of a layout: verified documents, blobs not looked at yet.
#[derive(Debug)]
pub(super) struct LayoutImage {
    pub(super) digest: Digest,
    pub(super) config: ImageConfig,
    /// Compressed blob and diff id of each layer, the bottom one first.
    pub(super) layers: Vec<(Descriptor, Digest)>,
}

impl Layout {
    /// Opens the layout at `path`, which is below one of `roots`, whatever symbolic links there are below them.
    pub(super) fn open(roots: &[PathBuf], path: &Path) -> Result<Self> {
        let below = |root: &PathBuf| {
            path.strip_prefix(root)
                .ok()
                .map(|rest| (root.clone(), rest))
        };
        let Some((root, rest)) = roots.iter().find_map(below) else {
            return Err(outside(roots, path));
        };
        let missing = |source: io::Error| {
            Error::not_found("there is no OCI layout directory at this path of the machine")
                .with_context("path", path.display())
                .with_hint(format!(
                    "make one: `skopeo copy docker://IMAGE oci:{}:TAG`",
                    path.display()
                ))
                .with_source(source)
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root =
            rustix::fs::open(&root, flags, Mode::empty()).map_err(|errno| missing(errno.into()))?;
        let rest = if rest.as_os_str().is_empty() {
            Path::new(".")
        } else {
            rest
        };
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let directory = rustix::fs::openat2(&root, rest, flags, Mode::empty(), resolve)
            .map_err(|errno| missing(errno.into()))?;
        let layout = Self {
            path: path.to_path_buf(),
            directory,
        };
        layout.file("oci-layout").map_err(missing)?;
        Ok(layout)
    }

    /// Finds the image named `tag`, or the only one, for this machine.
    pub(super) fn image(&self, tag: Option<&str>) -> Result<LayoutImage> {
        let text = self.read("index.json", MAX_DOCUMENT)?;
        let index: Index = self.parse(&text, "index.json")?;
        let mut chosen = self.named(&index, tag)?;
        for _ in 0..MAX_NESTING {
            let digest = Digest::parse(&chosen.digest)?;
            let document = self.document(&chosen)?;
            if chosen.is_index() {
                chosen = self.for_this_machine(self.parse(&document, &chosen.digest)?)?;
            } else if chosen.is_manifest() {
                return self.complete(digest, self.parse(&document, &chosen.digest)?);
            } else {
                return Err(self
                    .unusable("it is not an image")
                    .with_context("type", &chosen.media_type));
            }
        }
        Err(self.unusable("its indexes are nested too deep"))
    }

    /// Opens a blob, to be verified by its reader.
    pub(super) fn blob(&self, digest: Digest) -> Result<File> {
        let path = format!("blobs/sha256/{}", digest.hex());
        self.file(&path).map_err(|source| {
            self.unusable("a part of it is missing")
                .with_context("digest", digest)
                .with_source(source)
        })
    }

    fn named(&self, index: &Index, tag: Option<&str>) -> Result<Descriptor> {
        let found: Vec<&Descriptor> = index
            .manifests
            .iter()
            .filter(|m| tag.is_none() || m.name() == tag)
            .collect();
        let names = || {
            let names: Vec<&str> = index
                .manifests
                .iter()
                .filter_map(Descriptor::name)
                .take(20)
                .collect();
            names.join(", ")
        };
        match (found.as_slice(), tag) {
            ([one], _) | ([one, ..], Some(_)) => Ok((*one).clone()),
            ([], Some(tag)) => Err(Error::not_found("the layout has no image of this name")
                .with_context("path", self.path.display())
                .with_context("tag", tag)
                .with_hint(format!("names that are there: {}", names()))),
            ([], None) => Err(Error::not_found("the layout has no image")
                .with_context("path", self.path.display())
                .with_hint("copy an image into it, for example with skopeo")),
            ([_, ..], None) => Err(Error::invalid("the layout has several images")
                .with_context("path", self.path.display())
                .with_hint(format!(
                    "name one, as in `oci:{}:TAG`: {}",
                    self.path.display(),
                    names()
                ))),
        }
    }

    fn for_this_machine(&self, index: Index) -> Result<Descriptor> {
        let mut platforms = Vec::new();
        for manifest in index.manifests {
            match &manifest.platform {
                Some(platform) if platform.is_here() => return Ok(manifest),
                Some(platform) => {
                    platforms.push(format!("{}/{}", platform.os, platform.architecture));
                }
                None => {}
            }
        }
        Err(
            Error::not_found("the image is not made for this kind of machine")
                .with_context("path", self.path.display())
                .with_context("wanted", format!("linux/{}", here()))
                .with_hint(format!("it is made for: {}", platforms.join(", "))),
        )
    }

    fn complete(&self, digest: Digest, manifest: Manifest) -> Result<LayoutImage> {
        let text = self.document(&manifest.config)?;
        let config: ImageConfig = self.parse(&text, "the image's configuration")?;
        if config
            .architecture
            .as_deref()
            .is_some_and(|a| !a.is_empty() && a != here())
        {
            return Err(self.unusable("it is made for another kind of machine"));
        }
        let diff_ids = &config.rootfs.diff_ids;
        if diff_ids.len() != manifest.layers.len()
            || diff_ids.is_empty()
            || diff_ids.len() > MAX_LAYERS
        {
            return Err(self
                .unusable("its number of layers is wrong")
                .with_context("layers", manifest.layers.len())
                .with_context("diff ids", diff_ids.len()));
        }
        let diff_ids: Result<Vec<Digest>> = diff_ids.iter().map(|id| Digest::parse(id)).collect();
        Ok(LayoutImage {
            digest,
            layers: manifest.layers.into_iter().zip(diff_ids?).collect(),
            config,
        })
    }

    /// A blob that is a JSON document, verified.
    fn document(&self, descriptor: &Descriptor) -> Result<Vec<u8>> {
        let digest = Digest::parse(&descriptor.digest)?;
        if descriptor.size > MAX_DOCUMENT {
            return Err(self.unusable("one of its documents is too long"));
        }
        let text = self.read(&format!("blobs/sha256/{}", digest.hex()), MAX_DOCUMENT)?;
        digest.check(Digest::of(&text), "document")?;
        Ok(text)
    }

    fn parse<T: DeserializeOwned>(&self, text: &[u8], what: &str) -> Result<T> {
        serde_json::from_slice(text).map_err(|source| {
            self.unusable("one of its documents cannot be read")
                .with_context("document", what)
                .with_source(source)
        })
    }

    fn read(&self, path: &str, max: u64) -> Result<Vec<u8>> {
        let read = || -> io::Result<Vec<u8>> {
            let mut content = Vec::new();
            self.file(path)?.take(max + 1).read_to_end(&mut content)?;
            if content.len() as u64 > max {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            Ok(content)
        };
        read().map_err(|source| {
            self.unusable("a part of it cannot be read")
                .with_context("part", path)
                .with_source(source)
        })
    }

    fn file(&self, path: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        let file = rustix::fs::openat2(&self.directory, path, flags, Mode::empty(), resolve)?;
        Ok(File::from(file))
    }

    fn unusable(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::InvalidInput,
            format!("the image cannot be used: {why}"),
        )
        .with_context("path", self.path.display())
        .with_hint("copy the image to this machine again; `skopeo inspect oci:PATH:TAG` checks it")
    }
}

fn outside(roots: &[PathBuf], path: &Path) -> Error {
    let roots: Vec<_> = roots
        .iter()
        .map(|root| root.display().to_string())
        .collect();
    let hint = if roots.is_empty() {
        String::from("this server uses no OCI layouts; use `image: host`")
    } else {
        format!(
            "copy the image below {}, or add its directory to `images.layouts` of the server's configuration",
            roots.join(" or ")
        )
    };
    Error::new(
        ErrorKind::PermissionDenied,
        "OCI layouts outside of the server's directories of images cannot be used",
    )
    .with_context("path", path.display())
    .with_hint(hint)
}
