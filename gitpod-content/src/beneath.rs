//! Files below a directory whose content is hostile: no path leaves it, no symbolic link is followed.

use std::fs;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use gitpod_core::instance::RunAs;
use gitpod_core::{Error, ErrorKind, Result};
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, RawDir, RenameFlags, ResolveFlags, Uid};

/// Whether this process may give files to others, so that the ids on disk are those seen inside.
pub(crate) fn may_chown() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes `path` the property of `owner`, where this process may do that.
pub(crate) fn own(path: &Path, owner: RunAs) -> io::Result<()> {
    if may_chown() {
        std::os::unix::fs::chown(path, Some(owner.uid), Some(owner.gid))?;
    }
    Ok(())
}

/// Makes everything below `path`, and `path` itself, the property of `owner`, where this process may do that.
pub(crate) fn own_all(path: &Path, owner: RunAs) -> io::Result<()> {
    if !may_chown() {
        return Ok(());
    }
    let directory = open_directory(path)?;
    rustix::fs::fchown(
        &directory,
        Some(Uid::from_raw(owner.uid)),
        Some(Gid::from_raw(owner.gid)),
    )?;
    own_children(&directory, owner)
}

fn own_children(directory: &OwnedFd, owner: RunAs) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(32 * 1024);
    let mut entries = RawDir::new(directory, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        rustix::fs::chownat(
            directory,
            name,
            Some(Uid::from_raw(owner.uid)),
            Some(Gid::from_raw(owner.gid)),
            AtFlags::SYMLINK_NOFOLLOW,
        )?;
        if entry.file_type() == FileType::Directory {
            own_children(&open_child(directory, name)?, owner)?;
        }
    }
    Ok(())
}

/// Opens a directory of ours.
pub(crate) fn open_directory(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

fn open_child(directory: impl AsFd, name: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, name, flags, Mode::empty())?)
}

/// Reads at most `max` bytes of the regular file `path` below `root`; `None` when there is no such regular file.
pub(crate) fn read(root: &Path, path: &str, max: u64) -> io::Result<Option<Vec<u8>>> {
    let root = open_directory(root)?;
    // A hostile FIFO must not block us.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match openat2(&root, path, flags) {
        Ok(file) => fs::File::from(file),
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut content = Vec::new();
    file.take(max).read_to_end(&mut content)?;
    Ok(Some(content))
}

/// Whether `path` below `root` exists, of whatever kind.
pub(crate) fn exists(root: &Path, path: &str) -> io::Result<bool> {
    let root = open_directory(root)?;
    match openat2(
        &root,
        path,
        OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
    ) {
        Ok(_) => Ok(true),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn openat2(root: &OwnedFd, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    Ok(rustix::fs::openat2(
        root,
        path,
        flags,
        Mode::empty(),
        resolve,
    )?)
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
        || [rustix::io::Errno::LOOP, rustix::io::Errno::NOTDIR]
            .iter()
            .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Renames the directory `from` below `root` to the path `to` below `root`, makes its parents as `owner`'s.
///
/// Atomic; never replaces what is there.
pub(crate) fn place(root: &Path, from: &str, to: &str, owner: RunAs) -> io::Result<()> {
    let root = open_directory(root)?;
    let (parents, name) = to.rsplit_once('/').unwrap_or(("", to));
    let mut parent = root.try_clone()?;
    for part in parents.split('/').filter(|part| !part.is_empty()) {
        match rustix::fs::mkdirat(&parent, part, Mode::from_raw_mode(0o755)) {
            Ok(()) => {
                if may_chown() {
                    let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
                    let flags = AtFlags::SYMLINK_NOFOLLOW;
                    rustix::fs::chownat(&parent, part, Some(uid), Some(gid), flags)?;
                }
            }
            Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        parent = open_child(&parent, part)?;
    }
    let source = match from.rsplit_once('/') {
        Some((directory, _)) => openat2(
            &root,
            directory,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        )?,
        None => root,
    };
    let last = from.rsplit('/').next().unwrap_or(from);
    rustix::fs::renameat_with(&source, last, &parent, name, RenameFlags::NOREPLACE)?;
    Ok(())
}

/// Removes everything in the directory `path`, not `path` itself.
pub(crate) async fn empty(path: PathBuf) -> Result<()> {
    blocking("cannot empty a volume", path, |path| {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            remove_all(&entry.path())?;
        }
        Ok(())
    })
    .await
}

/// Removes `path` and everything below it; follows no symbolic link. What is not there is removed already.
pub(crate) fn remove_all(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Runs `work` where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    what: &'static str,
    path: PathBuf,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let shown = path.display().to_string();
    tokio::task::spawn_blocking(move || work(&path))
        .await
        .map_err(|source| Error::unexpected(what).with_source(source))?
        .map_err(|source| failed(what, &shown, source))
}

/// The error for a disk that refuses.
pub(crate) fn failed(what: &'static str, path: &str, source: io::Error) -> Error {
    let full = matches!(
        source.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    let error = if full {
        Error::new(ErrorKind::RateLimited, what)
            .with_context("disk", "full")
            .with_hint("free space on the server's data disk (delete workspaces that nobody needs), then try again")
    } else {
        Error::unexpected(what)
    };
    error.with_context("path", path).with_source(source)
}

/// Checks that `location` is a plain relative path: no `..`, no `.`, no empty part, not absolute.
pub(crate) fn check_location(location: &str) -> Result<()> {
    let plain = !location.is_empty()
        && location.len() <= 1024
        && !location.contains(['\0', '\n', '\r'])
        && location
            .split('/')
            .all(|part| !part.is_empty() && part != ".")
        && Path::new(location)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    if plain {
        Ok(())
    } else {
        Err(
            Error::invalid("the checkout location is not a plain relative path")
                .with_context(
                    "location",
                    location.escape_debug().take(128).collect::<String>(),
                )
                .with_hint("use a directory below /workspace, without `..`, such as `my-project`"),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn reads_nothing_through_symbolic_links() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir_all(root.join("real")).unwrap();
        fs::write(dir.path().join("secret"), "s").unwrap();
        fs::write(root.join("real/file"), "content").unwrap();
        symlink("../secret", root.join("link")).unwrap();
        symlink("real", root.join("alias")).unwrap();
        assert_eq!(read(&root, "real/file", 4).unwrap().unwrap(), b"cont");
        for path in ["link", "alias/file", "real/none", "real", "real/file/x"] {
            assert_eq!(read(&root, path, 9).unwrap(), None, "{path}");
        }
        assert!(read(&root, "../secret", 9).is_err());
    }

    #[test]
    fn places_below_the_root_only_and_never_over_something() {
        let dir = tempfile::tempdir().unwrap();
        let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
        fs::create_dir_all(root.join("staging/tree")).unwrap();
        fs::create_dir_all(root.join("taken")).unwrap();
        fs::create_dir(&outside).unwrap();
        symlink(&outside, root.join("link")).unwrap();
        assert!(place(&root, "staging/tree", "link/x", RunAs::GITPOD).is_err());
        assert!(place(&root, "staging/tree", "taken", RunAs::GITPOD).is_err());
        place(&root, "staging/tree", "a/b/c", RunAs::GITPOD).unwrap();
        assert!(root.join("a/b/c").is_dir());
        assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
    }

    #[test]
    fn locations_are_plain_relative_paths() {
        for good in ["a", "a/b", "..a", "ü x"] {
            check_location(good).unwrap();
        }
        for bad in ["", ".", "..", "/a", "a/../b", "a//b", "a/", "./a", "a\nb"] {
            assert!(check_location(bad).is_err(), "{bad}");
        }
    }
}
