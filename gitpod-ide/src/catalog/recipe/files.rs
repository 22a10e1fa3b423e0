//! Small file work that recipes share; every error names the file.

use std::fs;
use std::io;
use std::path::Path;

use gitpod_core::{Error, ErrorKind, Result};

/// Writes `path`, making its directory.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| failed("cannot write a file of an editor package", path, error))
}

/// Moves `from` to `to` (same file system), making its directory.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    to.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::rename(from, to))
        .map_err(|error| failed("cannot move a file of an editor package", from, error))
}

/// Removes a file or a tree; what is not there is removed already.
pub(super) fn remove(path: &Path) -> Result<()> {
    let gone = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(
            "cannot remove a file of an editor package",
            path,
            error,
        )),
        _ => Ok(()),
    }
}

/// Removes every file below `dir` that `unwanted` names.
pub(super) fn prune(dir: &Path, unwanted: &dyn Fn(&Path) -> bool) -> Result<()> {
    let listed = fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    for entry in listed.map_err(|error| failed("cannot list an editor package", dir, error))? {
        let path = entry.path();
        if unwanted(&path) {
            remove(&path)?;
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            prune(&path, unwanted)?;
        }
    }
    Ok(())
}

pub(super) fn failed(message: &str, path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, message)
        .with_context("path", path.display())
        .with_source(error)
}
