//! The mounts of an instance, prepared by its shim.
//!
//! The shim has the node's privileges and the instance has not, so the shim makes everything that needs them: it maps ids,
//! opens sources, creates overlays. What it makes is attached nowhere, hence never shows in the node's mount table and is gone
//! when its last descriptor is closed. The instance attaches the mounts below its own root.
//!
//! A shim without privileges cannot make mounts, but its instance can, in its own namespaces: there the instance's first
//! process does all of it, without mapping ids ([`Ids::One`](super::ids::Ids::One): there is one user, in and out).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use gitpod_core::image::RootFs;
use gitpod_core::mount::Mount;
use rustix::fs::{CWD, FileType, Gid, Mode, OFlags, Uid};
use rustix::mount::{OpenTreeFlags, open_tree};

use super::overlay::{Overlay, Upper, memory_file_system};
use super::protocol::{MountTarget, Start};
use super::stage::Stage;
use super::sys::{MountAttributes, set_mount_attributes};
use super::trouble::Trouble;

/// Directories of the node that make up its tool chain, beside `/usr`, where they are not links into it.
const TOOL_CHAIN: [&str; 8] = [
    "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32", "/nix",
];

/// Mounts made, not attached.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) root: OwnedFd,
    pub(super) others: Vec<(MountTarget, OwnedFd)>,
}

/// Prepares the root file system and all mounts of an instance whose ids are mapped by `users`, or are as they are.
pub(super) fn prepare(
    start: &Start,
    users: Option<BorrowedFd<'_>>,
    stage: &Stage<'_>,
) -> Result<Prepared, Trouble> {
    let maker = Maker {
        start,
        users,
        stage,
    };
    let (root, mut others) = maker.root()?;
    for mount in &start.spec.mounts {
        others.push(maker.mount(mount)?);
    }
    Ok(Prepared { root, others })
}

struct Maker<'a> {
    start: &'a Start,
    users: Option<BorrowedFd<'a>>,
    stage: &'a Stage<'a>,
}

type Placed = (MountTarget, OwnedFd);

impl Maker<'_> {
    fn root(&self) -> Result<(OwnedFd, Vec<Placed>), Trouble> {
        let mut memory = memory_file_system(self.start.root_bytes, 0o755, self.start.ids.owner())?;
        match &self.start.spec.rootfs {
            RootFs::Host => {
                let skeleton = std::slice::from_ref(&self.start.skeleton);
                let root;
                (root, memory) = self.private(skeleton, memory, "root")?;
                let mut others = Vec::new();
                for path in ["/usr"].into_iter().chain(TOOL_CHAIN) {
                    let path = Path::new(path);
                    if std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir()) {
                        let name = path.to_string_lossy().trim_matches('/').to_owned();
                        let view;
                        (view, memory) = self.tool_chain(path, memory, &name)?;
                        others.push((directory(path), view));
                    }
                }
                Ok((root, others))
            }
            RootFs::Layers(layers) => {
                let (root, _memory) = self.private(layers, memory, "root")?;
                Ok((root, Vec::new()))
            }
            _ => Err(Trouble::unexpected("unknown kind of root file system")),
        }
    }

    /// A directory of the node's tools. Where its files are nobody's, nobody could write to them anyway.
    fn tool_chain(
        &self,
        path: &Path,
        memory: OwnedFd,
        name: &str,
    ) -> Result<(OwnedFd, OwnedFd), Trouble> {
        if self.users.is_some() {
            return self.private(&[path.to_owned()], memory, name);
        }
        let attributes = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NODEV | libc::MOUNT_ATTR_NOSUID;
        Ok((self.view(path, attributes)?, memory))
    }

    /// An overlay whose upper lives in memory: `memory/name/{upper,work}`. The memory comes back, for the next one.
    fn private(
        &self,
        lowers: &[PathBuf],
        memory: OwnedFd,
        name: &str,
    ) -> Result<(OwnedFd, OwnedFd), Trouble> {
        let what = "cannot make the private part of the root file system";
        for part in [name, &format!("{name}/upper"), &format!("{name}/work")] {
            rustix::fs::mkdirat(&memory, part, Mode::from_raw_mode(0o755))
                .map_err(|e| Trouble::new(what, e))?;
        }
        let base = self.start.ids.owner();
        let owner = (Some(Uid::from_raw(base)), Some(Gid::from_raw(base)));
        let upper = format!("{name}/upper");
        rustix::fs::chownat(
            &memory,
            &upper,
            owner.0,
            owner.1,
            rustix::fs::AtFlags::empty(),
        )
        .map_err(|e| Trouble::new(what, e))?;
        let overlay = Overlay {
            lowers: self.lowers(lowers)?,
            upper: Upper {
                file_system: memory,
                files: PathBuf::from(upper),
                work: PathBuf::from(format!("{name}/work")),
            },
            identity: None,
            as_user: self.users.is_none(),
        };
        let made = overlay.make(self.stage)?;
        Ok((made.overlay, made.upper))
    }

    fn lowers(&self, paths: &[PathBuf]) -> Result<Vec<OwnedFd>, Trouble> {
        paths
            .iter()
            .map(|path| self.view(path, libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NODEV))
            .collect()
    }

    /// A view of a file or directory of the node in which ids are those of the instance.
    fn view(&self, source: &Path, attributes: u64) -> Result<OwnedFd, Trouble> {
        let Some(users) = self.users else {
            return plain_view(source, attributes);
        };
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
        let tree = open_tree(CWD, source, flags)
            .map_err(|e| Trouble::new("cannot open the source of a mount", e).at(source))?;
        let mapped = MountAttributes {
            set: attributes,
            id_map: Some(users),
            recursive: false,
        };
        match set_mount_attributes(tree.as_fd(), mapped) {
            Ok(()) => Ok(tree),
            // File systems that cannot map ids serve as read-only sources all the same: owners show as nobody.
            Err(error)
                if error.raw_os_error() == Some(libc::EINVAL)
                    && attributes & libc::MOUNT_ATTR_RDONLY != 0 =>
            {
                let plain = MountAttributes {
                    set: attributes,
                    ..MountAttributes::default()
                };
                set_mount_attributes(tree.as_fd(), plain)
                    .map_err(|e| Trouble::new("cannot make a read-only view", e).at(source))?;
                Ok(tree)
            }
            Err(error) => Err(Trouble::new("cannot map the ids of a mount", error)
                .at(source)
                .hint("keep the data directory on a file system with id-mapped mounts: ext4, xfs, btrfs, or (from Linux 6.3) tmpfs")),
        }
    }

    fn mount(&self, mount: &Mount) -> Result<Placed, Trouble> {
        match mount {
            Mount::Bind {
                source,
                target,
                read_only,
            } => {
                let mut attributes = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
                if *read_only {
                    attributes |= libc::MOUNT_ATTR_RDONLY;
                }
                let view = self.view(source, attributes)?;
                let target = MountTarget {
                    path: target.clone(),
                    directory: is_directory(&view)?,
                };
                Ok((target, view))
            }
            Mount::Overlay {
                lowers,
                upper,
                work,
                target,
            } => Ok((directory(target), self.content(lowers, upper, work)?)),
            Mount::Tmpfs { target, size } => {
                let memory = memory_file_system(*size, 0o1777, self.start.ids.owner())?;
                Ok((directory(target), memory))
            }
            _ => Err(Trouble::unexpected("unknown kind of mount")),
        }
    }

    /// A durable overlay. Ids are mapped on every layer, so that the files on disk carry the ids seen inside.
    fn content(&self, lowers: &[PathBuf], upper: &Path, work: &Path) -> Result<OwnedFd, Trouble> {
        let attributes = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
        if lowers.is_empty() {
            // Nothing below: the upper itself is the content.
            return self.view(upper, attributes);
        }
        let outside = || {
            Trouble::precondition("upper and work of an overlay need one parent directory")
                .at(upper)
        };
        let parent = upper.parent().ok_or_else(outside)?;
        let file_system = self.view(parent, attributes)?;
        let overlay = Overlay {
            lowers: self.lowers(lowers)?,
            upper: Upper {
                file_system,
                files: upper
                    .strip_prefix(parent)
                    .map_err(|_| outside())?
                    .to_owned(),
                work: work.strip_prefix(parent).map_err(|_| outside())?.to_owned(),
            },
            identity: self.users.map(|_| self.start.ids.owner()),
            as_user: self.users.is_none(),
        };
        Ok(overlay.make(self.stage)?.overlay)
    }
}

/// A view of a file or directory as it is, with all that is mounted below it: to a user namespace the node's mounts are one
/// piece, in which nothing that is covered may come to light.
fn plain_view(source: &Path, attributes: u64) -> Result<OwnedFd, Trouble> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_SYMLINK_NOFOLLOW
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(CWD, source, flags)
        .map_err(|e| Trouble::new("cannot open the source of a mount", e).at(source))?;
    let attributes = MountAttributes {
        set: attributes,
        id_map: None,
        recursive: true,
    };
    set_mount_attributes(tree.as_fd(), attributes)
        .map_err(|e| Trouble::new("cannot make a view of a mount's source", e).at(source))?;
    Ok(tree)
}

fn directory(path: &Path) -> MountTarget {
    MountTarget {
        path: path.to_owned(),
        directory: true,
    }
}

fn is_directory(mount: &OwnedFd) -> Result<bool, Trouble> {
    let stat = rustix::fs::fstat(mount)
        .map_err(|e| Trouble::new("cannot look at the source of a mount", e))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Ok(true),
        FileType::Symlink => Err(Trouble::precondition(
            "a mount source may not be a symbolic link",
        )),
        _ => Ok(false),
    }
}

/// A path handle on a directory, for system calls that take one.
pub(super) fn open_directory(path: &Path) -> Result<OwnedFd, Trouble> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .map_err(|e| Trouble::new("cannot open a directory", e).at(path))
}
