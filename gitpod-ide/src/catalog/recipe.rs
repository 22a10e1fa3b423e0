//! How each kind of package is put together.

pub(super) mod archive;
pub(super) mod code;
mod files;
pub(super) mod terminal;

use std::path::Path;

use gitpod_core::Result;

use super::npm::Npm;
use super::{Entry, Package, Progress};

/// Where a recipe works: everything in here is thrown away if it fails.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    /// The package, an empty directory at first.
    pub(super) package: &'a Path,
    /// For downloads, an empty directory at first.
    pub(super) scratch: &'a Path,
    /// Fetches.
    pub(super) npm: &'a Npm,
}

/// Puts the package of `entry` together.
pub(super) async fn build(entry: &Entry, bench: &Bench<'_>, progress: &dyn Progress) -> Result<()> {
    match &entry.package {
        Package::Code => code::build(bench, progress).await,
        Package::Terminal => terminal::build(bench, progress).await,
        Package::Archive { path, integrity } => {
            archive::build(path, integrity, bench, progress).await
        }
    }
}
