use std::path::Path;

use gitpod_core::{Error, ErrorKind, Result};

use super::Bench;
use crate::catalog::npm::blocking;
use crate::catalog::{Integrity, Progress, unpack};

/// A whole package in one `.tar.gz` of the operator's.
pub(in crate::catalog) async fn build(
    path: &Path,
    integrity: &Integrity,
    bench: &Bench<'_>,
    progress: &dyn Progress,
) -> Result<()> {
    progress.step(&format!("unpacking {}", path.display()));
    let (path, integrity) = (path.to_owned(), integrity.clone());
    let copy = bench.scratch.join("archive.tar.gz");
    let package = bench.package.to_owned();
    blocking(move || {
        // A copy of our own: what was compared is what is unpacked, whatever happens to the original meanwhile.
        std::fs::copy(&path, &copy).map_err(|error| {
            Error::new(ErrorKind::Unavailable, "cannot read an editor's archive")
                .with_context("path", path.display())
                .with_source(error)
        })?;
        integrity.verify(&copy)?;
        unpack::unpack(&copy, &package, 0)?;
        if package.join("supervisor-ide-config.json").is_file() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::ConfigInvalid,
            "an editor's archive has no supervisor-ide-config.json at its top",
        )
        .with_context("path", path.display()))
    })
    .await
}
