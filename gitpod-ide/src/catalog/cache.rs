use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gitpod_core::{Error, ErrorKind, Result};
use tempfile::TempDir;

use super::inventory::{Depth, Inventory};

/// The directory of all packages.
///
/// `NAME/package` is what `/ide` shows, `NAME/inventory.json` says what belongs there; a package is put together in
/// `.staging-NAME-RANDOM` and renamed when it is complete, `.lock-NAME` being held meanwhile. A damaged package is renamed to
/// `.damaged-NAME-RANDOM`, since running instances may still have it mounted.
#[derive(Debug)]
pub(super) struct Cache {
    root: PathBuf,
}

/// Held while a package is put together; released when dropped, by the kernel if need be.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// The same lock, for a thread: held until both are dropped.
    pub(super) fn share(&self) -> Result<Self> {
        let file = self.file.try_clone();
        file.map(|file| Self { file }).map_err(|error| {
            Error::unexpected("cannot share the lock of an editor package").with_source(error)
        })
    }
}

/// How often a lock that someone else holds is tried again: packages take seconds at least.
const LOCK_POLL: Duration = Duration::from_millis(100);

impl Cache {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where the complete package `name` lies, looked at no further.
    pub(super) fn find(&self, name: &str) -> Option<PathBuf> {
        let home = self.root.join(name);
        home.join("inventory.json")
            .exists()
            .then(|| home.join("package"))
    }

    /// Compares the package with its inventory: the first difference, for people, or `None`.
    pub(super) fn difference(&self, name: &str, depth: Depth) -> Result<Option<String>> {
        let home = self.root.join(name);
        let failed = |error: io::Error| {
            self.failed(
                "cannot compare an editor package with its inventory",
                name,
                error,
            )
        };
        let text = fs::read(home.join("inventory.json")).map_err(failed)?;
        let Ok(inventory) = serde_json::from_slice::<Inventory>(&text) else {
            return Ok(Some("its inventory is not readable".to_owned()));
        };
        match inventory.difference(&home.join("package"), depth) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(error.to_string())),
            other => other.map_err(failed),
        }
    }

    /// Waits until no other task or process puts `name` together. Dropping the future gives up.
    pub(super) async fn lock(&self, name: &str) -> Result<Lock> {
        let failed = |error| self.failed("cannot lock an editor package", name, error);
        self.make_root()?;
        let path = self.root.join(format!(".lock-{name}"));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { file }),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_POLL).await,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }

    /// A directory to put `name` together in, removed when dropped. What killed processes left behind is removed first: the
    /// lock proves that nobody works there.
    pub(super) fn stage(&self, name: &str, _lock: &Lock) -> Result<TempDir> {
        let failed = |error| self.failed("cannot prepare an editor package", name, error);
        let prefix = format!(".staging-{name}-");
        for entry in fs::read_dir(&self.root).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                fs::remove_dir_all(entry.path()).map_err(failed)?;
            }
        }
        tempfile::Builder::new()
            .prefix(&prefix)
            .tempdir_in(&self.root)
            .map_err(failed)
    }

    /// Makes the `package` directory in `staging` the package `name`, for good: after a crash it is there whole or not at all.
    pub(super) fn commit(&self, name: &str, staging: TempDir, _lock: &Lock) -> Result<PathBuf> {
        let failed = |error| self.failed("cannot keep an editor package", name, error);
        let home = self.root.join(name);
        let store = || -> io::Result<()> {
            let inventory = Inventory::settle(&staging.path().join("package"))?;
            fs::write(
                staging.path().join("inventory.json"),
                serde_json::to_vec(&inventory)?,
            )?;
            for dir in [staging.path(), &staging.path().join("package")] {
                fs::set_permissions(dir, PermissionsExt::from_mode(0o755))?;
            }
            rustix::fs::syncfs(File::open(staging.path())?)?;
            fs::rename(staging.path(), &home)?;
            File::open(&self.root)?.sync_all()
        };
        store().map_err(failed)?;
        drop(staging.keep()); // it has another name now
        Ok(home.join("package"))
    }

    /// Takes a damaged package out of use without pulling it from under instances that have it mounted.
    pub(super) fn set_aside(&self, name: &str, _lock: &Lock) -> Result<()> {
        let failed = |error| self.failed("cannot set a damaged editor package aside", name, error);
        let aside = tempfile::Builder::new()
            .prefix(&format!(".damaged-{name}-"))
            .tempdir_in(&self.root)
            .map_err(failed)?
            .keep();
        fs::rename(self.root.join(name), aside).map_err(failed)
    }

    /// Makes the cache directory; refuses one that others can write to, for they could put an editor of theirs there.
    fn make_root(&self) -> Result<()> {
        let failed = |error: io::Error| {
            self.failed("cannot make the directory for editor packages", "", error)
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&self.root)
            .map_err(failed)?;
        let metadata = fs::metadata(&self.root).map_err(failed)?;
        if metadata.mode() & 0o022 != 0 {
            return Err(Error::new(
                ErrorKind::FailedPrecondition,
                "others can write to the directory for editor packages",
            )
            .with_context("path", self.root.display())
            .with_hint(format!("chmod go-w {}", self.root.display())));
        }
        Ok(())
    }

    fn failed(&self, message: &str, name: &str, error: io::Error) -> Error {
        let full = error.kind() == io::ErrorKind::StorageFull;
        let error = Error::new(ErrorKind::Unavailable, message)
            .with_context("package", name)
            .with_context("cache", self.root.display())
            .with_source(error);
        if full {
            error.with_hint(
                "the disk is full: make room, or choose another cache directory for editors",
            )
        } else {
            error
        }
    }

    /// For messages.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_package_appears_whole_and_what_was_left_behind_goes() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().join("deep/cache"));
        assert_eq!(cache.find("x-1"), None);
        let lock = cache.lock("x-1").await.unwrap();
        let left_behind = cache.stage("x-1", &lock).unwrap().keep();
        let staging = cache.stage("x-1", &lock).unwrap();
        assert!(!left_behind.exists());
        fs::create_dir(staging.path().join("package")).unwrap();
        fs::write(staging.path().join("package/f"), "f").unwrap();
        assert_eq!(cache.find("x-1"), None);
        let package = cache.commit("x-1", staging, &lock).unwrap();
        assert_eq!(cache.find("x-1"), Some(package.clone()));
        assert_eq!(cache.difference("x-1", Depth::Content).unwrap(), None);

        fs::remove_file(package.join("f")).unwrap();
        assert!(cache.difference("x-1", Depth::Metadata).unwrap().is_some());
        cache.set_aside("x-1", &lock).unwrap();
        assert_eq!(cache.find("x-1"), None);
    }

    #[tokio::test]
    async fn the_lock_keeps_others_out_until_it_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().to_owned());
        let held = cache.lock("x").await.unwrap();
        let other = tokio::time::timeout(LOCK_POLL * 3, cache.lock("x")).await;
        assert!(other.is_err(), "the lock was given twice");
        cache.lock("y").await.unwrap();
        drop(held);
        cache.lock("x").await.unwrap();
    }

    #[tokio::test]
    async fn a_cache_that_others_can_write_to_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o777)).unwrap();
        let error = Cache::new(dir.path().to_owned())
            .lock("x")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    }
}
