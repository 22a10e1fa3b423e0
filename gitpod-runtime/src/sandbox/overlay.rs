//! Overlays and memory file systems, as mounts attached nowhere.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsconfig_set_string, fsmount,
    fsopen,
};

use super::sys::FileSystemIdentity;
use super::trouble::Trouble;

/// The writable part of an overlay: two directories of one (unattached) mount.
#[derive(Debug)]
pub(super) struct Upper<'fd> {
    pub(super) file_system: BorrowedFd<'fd>,
    pub(super) files: PathBuf,
    pub(super) work: PathBuf,
}

/// An overlay to be made.
#[derive(Debug)]
pub(super) struct Overlay<'fd> {
    /// The top one first.
    pub(super) lowers: Vec<OwnedFd>,
    pub(super) upper: Upper<'fd>,
    /// As which user of the node the kernel keeps house in the upper, if not as root.
    pub(super) identity: Option<u32>,
}

impl Overlay<'_> {
    /// Makes it.
    pub(super) fn make(&self) -> Result<OwnedFd, Trouble> {
        let _identity = self
            .identity
            .map(FileSystemIdentity::assume)
            .transpose()
            .map_err(|e| Trouble::new("cannot act as the instance's user", e))?;
        let context = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)
            .map_err(|e| Trouble::new("this kernel has no overlay file system", e))?;
        self.configure(&context)
            .map_err(|error| self.explain(&context, error))?;
        fsmount(
            &context,
            FsMountFlags::FSMOUNT_CLOEXEC,
            MountAttrFlags::MOUNT_ATTR_NODEV,
        )
        .map_err(|e| Trouble::new("cannot mount an overlay", e))
    }

    fn configure(&self, context: &OwnedFd) -> Result<(), Errno> {
        let set = |key: &str, value: &str| fsconfig_set_string(context, key, value);
        set("source", "workspace")?;
        for lower in &self.lowers {
            set("lowerdir+", &handle(lower.as_fd(), Path::new("")))?;
        }
        set(
            "upperdir",
            &handle(self.upper.file_system, &self.upper.files),
        )?;
        set("workdir", &handle(self.upper.file_system, &self.upper.work))?;
        // Renaming a directory of a lower layer is an everyday act of git and of package managers. The note it leaves is a
        // `trusted.` attribute, which nobody in a user namespace can forge.
        set("redirect_dir", "on")?;
        set("index", "off")?;
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
            .hint("the sandbox needs Linux 6.13 or newer with overlayfs; `gitpod-server doctor` shows what is missing")
    }
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
