//! The generated part of the host's root file system: everything beside the tool chain.
//!
//! `/usr` and its likes are the node's own; `/etc` is made from an allow-list, so that no secret of the node gets in by not
//! having been thought of.

mod copy;
pub(super) mod etc;

use std::io;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use gitpod_core::instance::RunAs;
use gitpod_core::{Error, Result};

/// Directories of the root, with their modes.
const DIRECTORIES: [(&str, u32); 20] = [
    ("dev", 0o755),
    ("etc", 0o755),
    ("home", 0o755),
    ("home/gitpod", 0o755),
    ("media", 0o755),
    ("mnt", 0o755),
    ("opt", 0o755),
    ("proc", 0o555),
    // Not 0700: a repository below it may be mounted into a job, and jobs are not root.
    ("root", 0o711),
    ("run", 0o755),
    ("run/lock", 0o1777),
    ("srv", 0o755),
    ("sys", 0o555),
    ("tmp", 0o1777),
    ("usr", 0o755),
    ("var", 0o755),
    ("var/cache", 0o755),
    ("var/lib", 0o755),
    ("var/log", 0o755),
    ("var/tmp", 0o1777),
];

/// Top-level names that are directories of the tool chain or links into it.
const TOOL_CHAIN: [&str; 8] = [
    "bin", "sbin", "lib", "lib32", "lib64", "libx32", "libo32", "nix",
];

/// What names of skeletons begin with.
pub(super) const SKELETON: &str = "host-root-";

/// Makes the skeleton as a new directory below `state` and returns its path. A skeleton of an earlier run is replaced; running
/// instances keep the one they started with.
pub(super) fn generate(state: &Path, extra_etc: &[PathBuf], resolver: &str) -> Result<PathBuf> {
    let cannot = |path: &Path, error: io::Error| {
        Error::unexpected("cannot make the host's root file system")
            .with_context("path", path.display())
            .with_source(error)
    };
    let path = claim_name(state).map_err(|error| cannot(state, error))?;
    build(&path, extra_etc, resolver).map_err(|error| cannot(&path, error))?;
    Ok(path)
}

/// Skeletons are per process and never reused, so that none changes under a running instance.
fn claim_name(state: &Path) -> io::Result<PathBuf> {
    let process = std::process::id();
    let mut number = 0_u32;
    loop {
        let path = state.join(format!("{SKELETON}{process}-{number}"));
        match std::fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            other => return other.map(|()| path),
        }
    }
}

fn build(root: &Path, extra_etc: &[PathBuf], resolver: &str) -> io::Result<()> {
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755))?;
    for (name, mode) in DIRECTORIES {
        let path = root.join(name);
        std::fs::create_dir(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))?;
    }
    for name in TOOL_CHAIN {
        let original = Path::new("/").join(name);
        let Ok(meta) = std::fs::symlink_metadata(&original) else {
            continue;
        };
        if meta.is_symlink() {
            symlink(std::fs::read_link(&original)?, root.join(name))?;
        } else if meta.is_dir() {
            std::fs::create_dir(root.join(name))?;
        }
    }
    symlink("/run", root.join("var/run"))?;
    symlink("/run/lock", root.join("var/lock"))?;
    etc::generate(&root.join("etc"), extra_etc, resolver)?;
    make_home(&root.join("home/gitpod"))
}

fn make_home(home: &Path) -> io::Result<()> {
    let skeleton = Path::new("/etc/skel");
    if skeleton.is_dir() {
        copy::tree(skeleton, home)?;
    }
    if !rustix::process::geteuid().is_root() {
        // It is this user who is called so inside.
        return Ok(());
    }
    let RunAs { uid, gid } = RunAs::GITPOD;
    for entry in std::fs::read_dir(home)? {
        // Files of /etc/skel; deeper ones keep root as their owner, as the node's `useradd` would not leave them.
        std::os::unix::fs::lchown(entry?.path(), Some(uid), Some(gid))?;
    }
    chown(home, Some(uid), Some(gid))
}
