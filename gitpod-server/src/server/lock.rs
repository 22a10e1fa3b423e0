use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use gitpod_core::{Error, ErrorKind, Result};

/// Holds a data directory for one server. The kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct DataDirLock {
    _file: File,
}

impl DataDirLock {
    pub(super) fn take(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("lock");
        let failed = |e| {
            Error::new(
                ErrorKind::PermissionDenied,
                "cannot lock the data directory",
            )
            .with_context("path", path.display())
            .with_source(e)
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                ErrorKind::FailedPrecondition,
                "another server uses this data directory",
            )
            .with_context("path", data_dir.display())
            .with_hint("stop it, or name another directory: `--data-dir`")),
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_serves_one_server() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDirLock::take(dir.path()).unwrap();
        assert_eq!(
            DataDirLock::take(dir.path()).unwrap_err().kind(),
            ErrorKind::FailedPrecondition
        );
        drop(first);
        DataDirLock::take(dir.path()).unwrap();
    }
}
