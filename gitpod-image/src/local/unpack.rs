use std::borrow::Cow;
use std::fs::DirBuilder;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Gid, Mode, Timespec, Timestamps, Uid, XattrFlags};
use tar::{Archive, Entry, EntryType};

use super::UnpackLimits;
use super::beneath::{Root, make_directory, make_file, open_directory, remove};

/// Longest path in a layer.
const MAX_PATH: usize = 4096;
/// What a name starts with that removes the name after it from the layers below.
const WHITEOUT: &[u8] = b".wh.";
/// The name that hides everything of its directory in the layers below.
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Ids that an instance can have; others become nobody's.
const MAX_ID: u64 = 65_535;
const NOBODY: u32 = 65_534;
/// Extended attributes that may come from an archive. Others are the kernel's or overlayfs' own: taking them from a stranger
/// would let a layer redirect files.
const ATTRIBUTES: [&str; 2] = ["security.capability", "user."];

/// Unpacks a layer's archive into the new directory `into`.
///
/// Owners are kept where this process may give files away. Device nodes are left out: a runtime brings its own `/dev`.
pub(super) fn unpack(archive: impl Read, into: &Path, limits: UnpackLimits) -> io::Result<()> {
    DirBuilder::new().mode(0o755).create(into)?;
    let mut unpacking = Unpacking {
        root: Root::open(into)?,
        privileged: rustix::process::geteuid().is_root(),
        directories: Vec::new(),
    };
    let mut archive = Archive::new(archive);
    let mut entries = 0;
    for entry in archive.entries()? {
        entries += 1;
        if entries > limits.entries {
            return Err(invalid("the layer has more files than is allowed"));
        }
        unpacking.add(entry?)?;
    }
    unpacking.finish()
}

/// What a file gets after it was made.
#[derive(Debug, Clone, Copy)]
struct Meta {
    uid: Uid,
    gid: Gid,
    mode: Mode,
    mtime: i64,
}

#[derive(Debug)]
struct Unpacking {
    root: Root,
    privileged: bool,
    /// Directories get their mode and time last: neither shall be in the way of, or changed by, what is put into them.
    directories: Vec<(Vec<u8>, Meta)>,
}

impl Unpacking {
    fn add<R: Read>(&mut self, mut entry: Entry<'_, R>) -> io::Result<()> {
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            return Ok(());
        }
        let path = clean(&entry.path_bytes())?;
        let meta = meta(&entry)?;
        let (parent_path, name) = match path.iter().rposition(|&byte| byte == b'/') {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (&path[..0], &path[..]),
        };
        if name.is_empty() {
            self.directories.push((path, meta));
            return Ok(());
        }
        let parent = self.parent(parent_path)?;
        if name == OPAQUE {
            return self.set_opaque(&parent);
        }
        if let Some(hidden) = name.strip_prefix(WHITEOUT) {
            return self.hide(&parent, hidden);
        }
        match kind {
            EntryType::Directory => self.add_directory(&mut entry, &parent, name, meta)?,
            EntryType::Symlink => {
                let target = link_target(&entry)?;
                remove(&parent, name)?;
                rustix::fs::symlinkat(target, &parent, name)?;
                return self.settle_by_name(&parent, name, meta);
            }
            EntryType::Link => {
                let target = clean(&link_target(&entry)?)?;
                return self.link(&target, &parent, &path, name);
            }
            EntryType::Fifo => {
                remove(&parent, name)?;
                rustix::fs::mknodat(&parent, name, FileType::Fifo, meta.mode, 0)?;
                return self.settle_by_name(&parent, name, meta);
            }
            EntryType::Char | EntryType::Block => return Ok(()),
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                return self.add_file(&mut entry, &parent, name, meta);
            }
            _ => return Err(invalid("the layer has an entry of an unknown kind")),
        }
        self.directories.push((path, meta));
        Ok(())
    }

    fn add_directory<R: Read>(
        &self,
        entry: &mut Entry<'_, R>,
        parent: &OwnedFd,
        name: &[u8],
        meta: Meta,
    ) -> io::Result<()> {
        let was = kind_of(parent, name);
        if was != Some(FileType::Directory) {
            remove(parent, name)?;
            make_directory(parent, name)?;
        }
        let attributes = attributes(entry)?;
        let directory = open_directory(parent, name)?;
        if was == Some(FileType::CharacterDevice) {
            // Removed and made anew by one layer: nothing of the old directory shall shine through.
            self.set_opaque(&directory)?;
        }
        if self.privileged {
            rustix::fs::fchown(&directory, Some(meta.uid), Some(meta.gid))?;
        }
        set_attributes(&directory, &attributes, self.privileged)
    }

    fn add_file<R: Read>(
        &self,
        entry: &mut Entry<'_, R>,
        parent: &OwnedFd,
        name: &[u8],
        meta: Meta,
    ) -> io::Result<()> {
        let attributes = attributes(entry)?;
        remove(parent, name)?;
        let mut file = make_file(parent, name)?;
        io::copy(entry, &mut file)?;
        self.settle(&file, meta)?;
        set_attributes(&file, &attributes, self.privileged)
    }

    fn parent(&self, path: &[u8]) -> io::Result<OwnedFd> {
        self.root.ensure_directory(path).map_err(|error| {
            let shown = String::from_utf8_lossy(path).escape_debug().to_string();
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "the layer puts a file into `{shown}`, which is not a directory of it: {error}"
                ),
            )
        })
    }

    fn link(&self, target: &[u8], parent: &OwnedFd, path: &[u8], name: &[u8]) -> io::Result<()> {
        if target == path {
            return Ok(());
        }
        let at = target.iter().rposition(|&byte| byte == b'/');
        let (directory, last) = match at {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (&target[..0], target),
        };
        let outside = |_| invalid("the layer links to a file that it does not have");
        let directory = self.root.directory(directory).map_err(outside)?;
        if kind_of(&directory, last).is_none() {
            return Err(outside(io::ErrorKind::NotFound.into()));
        }
        remove(parent, name)?;
        rustix::fs::linkat(&directory, last, parent, name, AtFlags::empty())?;
        Ok(())
    }

    fn set_opaque(&self, directory: &OwnedFd) -> io::Result<()> {
        let name = if self.privileged {
            "trusted.overlay.opaque"
        } else {
            "user.overlay.opaque"
        };
        rustix::fs::fsetxattr(directory, name, b"y", XattrFlags::empty())?;
        Ok(())
    }

    /// Removes `hidden` from the layers below; what this layer itself has of that name stays.
    fn hide(&self, parent: &OwnedFd, hidden: &[u8]) -> io::Result<()> {
        // Names of older tools that mean nothing today.
        if hidden.starts_with(WHITEOUT) {
            return Ok(());
        }
        if hidden.is_empty() || hidden == b"." || hidden == b".." {
            return Err(invalid("the layer removes a file without a name"));
        }
        match kind_of(parent, hidden) {
            Some(FileType::Directory) => {
                let directory = open_directory(parent, hidden)?;
                self.set_opaque(&directory)
            }
            Some(_) => Ok(()),
            None => {
                let device = rustix::fs::makedev(0, 0);
                rustix::fs::mknodat(
                    parent,
                    hidden,
                    FileType::CharacterDevice,
                    Mode::empty(),
                    device,
                )?;
                Ok(())
            }
        }
    }

    /// Owner first: changing it takes the set-user-id bit away.
    fn settle(&self, file: impl AsFd, meta: Meta) -> io::Result<()> {
        if self.privileged {
            rustix::fs::fchown(&file, Some(meta.uid), Some(meta.gid))?;
        }
        rustix::fs::fchmod(&file, meta.mode)?;
        rustix::fs::futimens(&file, &times(meta.mtime))?;
        Ok(())
    }

    fn settle_by_name(&self, parent: &OwnedFd, name: &[u8], meta: Meta) -> io::Result<()> {
        if self.privileged {
            rustix::fs::chownat(
                parent,
                name,
                Some(meta.uid),
                Some(meta.gid),
                AtFlags::SYMLINK_NOFOLLOW,
            )?;
        }
        rustix::fs::utimensat(parent, name, &times(meta.mtime), AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(())
    }

    /// Gives directories what they were to get, the deepest first, and puts everything on disk.
    fn finish(self) -> io::Result<()> {
        for (path, meta) in self.directories.iter().rev() {
            match self.root.directory(path) {
                Ok(directory) => self.settle(&directory, *meta)?,
                // A later entry took its place.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error)
                    if error.raw_os_error() == Some(rustix::io::Errno::NOTDIR.raw_os_error()) => {}
                Err(error)
                    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rustix::fs::syncfs(self.root.as_fd())?)
    }
}

/// A path of the archive: relative, without `.`; refuses `..`, NUL and what is too long.
fn clean(path: &[u8]) -> io::Result<Vec<u8>> {
    let mut clean = Vec::with_capacity(path.len());
    if path.len() > MAX_PATH || path.contains(&0) {
        return Err(invalid(
            "the layer has a path that is too long or has a NUL",
        ));
    }
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return Err(invalid("the layer has a path with `..`")),
            part => {
                if !clean.is_empty() {
                    clean.push(b'/');
                }
                clean.extend_from_slice(part);
            }
        }
    }
    Ok(clean)
}

fn meta<R: Read>(entry: &Entry<'_, R>) -> io::Result<Meta> {
    let header = entry.header();
    let id = |id: u64| match u32::try_from(id) {
        Ok(small) if id <= MAX_ID => small,
        _ => NOBODY,
    };
    Ok(Meta {
        uid: Uid::from_raw(id(header.uid()?)),
        gid: Gid::from_raw(id(header.gid()?)),
        mode: Mode::from_raw_mode(header.mode()? & 0o7777),
        mtime: header.mtime()?.try_into().unwrap_or(i64::MAX),
    })
}

/// The extended attributes of an entry that may be kept.
fn attributes<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    let Some(extensions) = entry.pax_extensions()? else {
        return Ok(found);
    };
    for extension in extensions {
        let extension = extension?;
        let name = extension
            .key()
            .ok()
            .and_then(|key| key.strip_prefix("SCHILY.xattr."));
        let kept = name.filter(|name| {
            ATTRIBUTES.iter().any(|kept| name.starts_with(kept))
                && !name.starts_with("user.overlay.")
        });
        if let Some(name) = kept {
            found.push((name.to_owned(), extension.value_bytes().to_vec()));
        }
    }
    Ok(found)
}

fn set_attributes(
    file: impl AsFd,
    attributes: &[(String, Vec<u8>)],
    privileged: bool,
) -> io::Result<()> {
    for (name, value) in attributes {
        match rustix::fs::fsetxattr(&file, name.as_str(), value, XattrFlags::empty()) {
            // File capabilities are for the superuser to give; some file systems have no attributes at all.
            Err(rustix::io::Errno::PERM) if !privileged => {}
            Err(rustix::io::Errno::NOTSUP) => {}
            set => set?,
        }
    }
    Ok(())
}

fn link_target<R: Read>(entry: &Entry<'_, R>) -> io::Result<Vec<u8>> {
    let target = entry.link_name_bytes();
    target
        .map(Cow::into_owned)
        .ok_or_else(|| invalid("the layer has a link without a target"))
}

fn kind_of(parent: &OwnedFd, name: &[u8]) -> Option<FileType> {
    let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some(FileType::from_raw_mode(stat.st_mode))
}

fn times(mtime: i64) -> Timestamps {
    let time = Timespec {
        tv_sec: mtime,
        tv_nsec: 0,
    };
    Timestamps {
        last_access: time,
        last_modification: time,
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
