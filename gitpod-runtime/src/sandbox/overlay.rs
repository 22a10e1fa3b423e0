//! Overlays and memory file systems, as mounts attached nowhere.

mod attached;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use gitpod_core::instance::RunAs;
use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen,
};

use super::layers::Layers;
use super::stage::{Stage, visit};
use super::sys::FileSystemIdentity;
use super::trouble::Trouble;

/// What the mount table says the overlay is of.
const SOURCE: &str = "workspace";
type Options = [(&'static str, Option<&'static str>); 2];
/// Options of overlays.
///
/// Renaming a directory of a lower layer is an everyday act of git and of package managers. The note it leaves is a `trusted.`
/// attribute, which nobody in a user namespace can forge.
const OPTIONS: Options = [("redirect_dir", Some("on")), ("index", Some("off"))];
/// The same where a user namespace makes them. Notes that anybody could write may not redirect: renaming a directory of a lower
/// layer is refused with `EXDEV`, and tools copy it.
const USER_OPTIONS: Options = [("userxattr", None), ("index", Some("off"))];

/// The writable part of an overlay: two directories of one (unattached) mount.
#[derive(Debug)]
pub(super) struct Upper {
    pub(super) file_system: OwnedFd,
    pub(super) files: PathBuf,
    pub(super) work: PathBuf,
}

/// An overlay to be made.
#[derive(Debug)]
pub(super) struct Overlay {
    /// The top one first.
    pub(super) lowers: Vec<OwnedFd>,
    pub(super) upper: Upper,
    /// As which user of the node the kernel keeps house in the upper, if not as root.
    pub(super) identity: Option<u32>,
    /// Whether a user namespace makes it, whose notes on files have to be `user.` attributes.
    pub(super) as_user: bool,
}

/// An overlay that was made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) overlay: OwnedFd,
    /// The file system of its upper, for further ones.
    pub(super) upper: OwnedFd,
}

impl Overlay {
    /// Makes it.
    pub(super) fn make(self, stage: &Stage<'_>) -> Result<Made, Trouble> {
        match stage {
            Stage::Anywhere => self.make_detached(),
            Stage::Here => attached::make(&self),
            Stage::Within(process) => visit(*process, || attached::make(&self)),
        }
    }

    fn options(&self) -> &'static Options {
        if self.as_user {
            &USER_OPTIONS
        } else {
            &OPTIONS
        }
    }

    fn make_detached(self) -> Result<Made, Trouble> {
        let _identity = self
            .identity
            .map(FileSystemIdentity::assume)
            .transpose()
            .map_err(|e| Trouble::new("cannot act as the instance's user", e))?;
        let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)
            .map_err(|e| Trouble::new("this kernel has no overlay file system", e))?;
        self.configure(&context)
            .map_err(|error| self.explain(&context, error))?;
        let overlay = fsmount(
            &context,
            FsMountFlags::FSMOUNT_CLOEXEC,
            MountAttrFlags::MOUNT_ATTR_NODEV,
        )
        .map_err(|e| Trouble::new("cannot mount an overlay", e))?;
        Ok(Made {
            overlay,
            upper: self.upper.file_system,
        })
    }

    fn configure(&self, context: &OwnedFd) -> Result<(), Errno> {
        let set = |key: &str, value: &str| fsconfig_set_string(context, key, value);
        set("source", SOURCE)?;
        for lower in &self.lowers {
            set("lowerdir+", &handle(lower.as_fd(), Path::new("")))?;
        }
        let upper = |directory: &Path| {
            let path = handle(self.upper.file_system.as_fd(), directory);
            // Other than those of lowers, paths of uppers have an escape character.
            path.replace('\\', "\\\\")
        };
        set("upperdir", &upper(&self.upper.files))?;
        set("workdir", &upper(&self.upper.work))?;
        for (key, value) in self.options() {
            match value {
                Some(value) => set(key, value)?,
                None => fsconfig_set_flag(context, *key)?,
            }
        }
        fsconfig_create(context)
    }

    fn explain(&self, context: &OwnedFd, error: Errno) -> Trouble {
        let mut notes = [0_u8; 512];
        let mut reasons = Vec::new();
        while let Ok(length) = rustix::io::read(context, &mut notes) {
            let note = String::from_utf8_lossy(&notes[..length]);
            reasons.push(note.trim().to_owned());
            if length == 0 || reasons.len() > 8 {
                break;
            }
        }
        let reasons = reasons.join("; ");
        Trouble::new(format!("cannot make an overlay: {reasons}"), error)
            .at(&self.upper.files)
            .hint("`gitpod-server doctor` shows what is missing")
    }
}

/// Makes an overlay of next to nothing and drops it, the way a user does in a user namespace or not. For attached layers the caller has a mount namespace of its own.
pub(super) fn rehearse(layers: Layers, as_user: bool) -> Result<(), Trouble> {
    let owner = if as_user { RunAs::GITPOD.uid } else { 0 };
    let (lower, upper) = (
        memory_file_system(1 << 16, 0o755, owner)?,
        memory_file_system(1 << 16, 0o755, owner)?,
    );
    for name in ["files", "work"] {
        rustix::fs::mkdirat(&upper, name, Mode::from_raw_mode(0o755))
            .map_err(|e| Trouble::new("cannot make a directory in memory", e))?;
    }
    let overlay = Overlay {
        lowers: vec![lower],
        upper: Upper {
            file_system: upper,
            files: PathBuf::from("files"),
            work: PathBuf::from("work"),
        },
        identity: None,
        as_user,
    };
    match layers {
        Layers::Detached => overlay.make_detached(),
        Layers::Attached => attached::make(&overlay),
    }
    .map(drop)
}

/// An unattached mount as a path.
fn handle(mount: BorrowedFd<'_>, below: &Path) -> String {
    format!("/proc/self/fd/{}/{}", mount.as_raw_fd(), below.display())
}

/// A memory file system of at most `size` bytes, for the instance alone, whose root directory is user `owner`'s.
pub(super) fn memory_file_system(size: u64, mode: u32, owner: u32) -> Result<OwnedFd, Trouble> {
    let make = || {
        let context = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
        fsconfig_set_string(&context, "source", "workspace")?;
        fsconfig_set_string(&context, "size", size.to_string())?;
        fsconfig_set_string(&context, "mode", format!("{mode:o}"))?;
        fsconfig_set_string(&context, "uid", owner.to_string())?;
        fsconfig_set_string(&context, "gid", owner.to_string())?;
        // Quota and inode limits: a million small files are a full disk too.
        fsconfig_set_string(&context, "nr_inodes", (size / 2048).max(1024).to_string())?;
        fsconfig_create(&context)?;
        fsmount(
            &context,
            FsMountFlags::FSMOUNT_CLOEXEC,
            MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOSUID,
        )
    };
    make().map_err(|e: Errno| Trouble::new("cannot make a memory file system", e))
}
