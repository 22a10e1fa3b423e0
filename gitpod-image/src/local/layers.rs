use std::collections::HashMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use flate2::bufread::MultiGzDecoder;
use gitpod_core::{Error, ErrorKind, Result};

use super::UnpackLimits;
use super::digest::{Digest, Hashing};
use super::unpack::unpack;

/// A layer that is being unpacked or was not finished. No digest starts with a dot.
const UNFINISHED: &str = ".unfinished-";
/// A blob is read in pieces of this size.
const BUFFER: usize = 256 * 1024;

/// The unpacked layers.
#[derive(Debug)]
pub(super) struct Layers {
    root: PathBuf,
    limits: UnpackLimits,
    unfinished: AtomicU64,
    /// One at a time unpacks a layer; the others wait and find it there.
    busy: Mutex<HashMap<Digest, Weak<tokio::sync::Mutex<()>>>>,
}

/// How a layer's archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
}

impl Compression {
    /// By the media type of the layer.
    pub(super) fn of(media_type: &str) -> Result<Self> {
        match media_type {
            "application/vnd.oci.image.layer.v1.tar"
            | "application/vnd.oci.image.layer.nondistributable.v1.tar"
            | "application/vnd.docker.image.rootfs.diff.tar" => Ok(Self::None),
            "application/vnd.oci.image.layer.v1.tar+gzip"
            | "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
            | "application/vnd.docker.image.rootfs.diff.tar.gzip" => Ok(Self::Gzip),
            other => Err(
                Error::unsupported("this kind of image layer cannot be unpacked here")
                    .with_context("type", other.escape_debug().take(100).collect::<String>())
                    .with_hint(
                        "copy the image with gzip: `skopeo copy --dest-compress-format gzip …`",
                    ),
            ),
        }
    }
}

impl Layers {
    /// Opens the directory, and removes what a killed process left unfinished.
    pub(super) fn open(root: &Path, limits: UnpackLimits) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root)?;
        let layers = root.join("layers/sha256");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&layers)?;
        for entry in fs::read_dir(&layers)? {
            let entry = entry?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(UNFINISHED.as_bytes())
            {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Self {
            root: layers,
            limits,
            unfinished: AtomicU64::new(0),
            busy: Mutex::default(),
        })
    }

    /// The directory of the layer `diff_id`, unpacked from `blob` if it is missing.
    pub(super) async fn ensure(
        self: &Arc<Self>,
        diff_id: Digest,
        digest: Digest,
        compression: Compression,
        blob: impl FnOnce() -> Result<File> + Send + 'static,
    ) -> Result<PathBuf> {
        let directory = self.root.join(diff_id.hex());
        if directory.is_dir() {
            return Ok(directory);
        }
        let turn = self.turn(diff_id);
        let _alone = turn.lock().await;
        if directory.is_dir() {
            return Ok(directory);
        }
        let layers = Arc::clone(self);
        let unpacked = tokio::task::spawn_blocking(move || {
            let expected = Expected {
                digest,
                diff_id,
                compression,
            };
            layers.unpack(blob()?, &expected)
        });
        unpacked.await.map_err(|source| {
            Error::unexpected("cannot unpack an image layer").with_source(source)
        })?
    }

    fn turn(&self, diff_id: Digest) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = busy.get(&diff_id).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        busy.insert(diff_id, Arc::downgrade(&turn));
        turn
    }

    fn unpack(&self, blob: File, expected: &Expected) -> Result<PathBuf> {
        let n = self.unfinished.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let new = self.root.join(format!("{UNFINISHED}{process}-{n}"));
        let directory = self.root.join(expected.diff_id.hex());
        let unpacked = expected
            .unpack(blob, &new, self.limits)
            .and_then(|()| name(&new, &directory).map_err(|source| failed(expected, source)));
        if unpacked.is_err() {
            // The first error tells more; what is left here goes at the next start.
            let _left = fs::remove_dir_all(&new);
        }
        unpacked.map(|()| directory)
    }
}

/// What a blob has to be.
#[derive(Debug)]
struct Expected {
    digest: Digest,
    diff_id: Digest,
    compression: Compression,
}

impl Expected {
    fn unpack(&self, blob: File, new: &Path, limits: UnpackLimits) -> Result<()> {
        let failed = |source| failed(self, source);
        let blob = BufReader::with_capacity(BUFFER, Hashing::new(blob, limits.bytes));
        let (diff_id, digest) = match self.compression {
            Compression::None => {
                let (diff_id, blob) = digests(blob, new, limits).map_err(failed)?;
                (diff_id, blob.into_inner().finish().map_err(failed)?.0)
            }
            Compression::Gzip => {
                let (diff_id, gzip) =
                    digests(MultiGzDecoder::new(blob), new, limits).map_err(failed)?;
                let blob = gzip.into_inner().into_inner();
                (diff_id, blob.finish().map_err(failed)?.0)
            }
        };
        self.digest.check(digest, "layer")?;
        self.diff_id.check(diff_id, "unpacked layer")
    }
}

/// Unpacks what `archive` gives, reads it to its end, and gives the digest of all of it.
fn digests<R: Read>(archive: R, new: &Path, limits: UnpackLimits) -> io::Result<(Digest, R)> {
    let mut hashing = Hashing::new(archive, limits.bytes);
    unpack(&mut hashing, new, limits)?;
    hashing.finish()
}

/// Gives the layer its name; from here on it is there.
fn name(new: &Path, directory: &Path) -> io::Result<()> {
    match fs::rename(new, directory) {
        // Another process was as fast; its layer is as good as ours.
        Err(_) if directory.is_dir() => fs::remove_dir_all(new)?,
        renamed => renamed?,
    }
    match directory.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

fn failed(expected: &Expected, source: io::Error) -> Error {
    let error = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::new(
            ErrorKind::RateLimited,
            "cannot unpack an image layer: the disk is full",
        )
        .with_context("disk", "full")
        .with_hint("free space on the machine, then try again"),
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::FileTooLarge
        | io::ErrorKind::NotFound => {
            Error::invalid("cannot unpack an image layer: its archive is not sound")
                .with_hint("the image is damaged or too large: copy it to this machine again")
        }
        _ => Error::unexpected("cannot unpack an image layer"),
    };
    error
        .with_context("digest", expected.digest)
        .with_source(source)
}
