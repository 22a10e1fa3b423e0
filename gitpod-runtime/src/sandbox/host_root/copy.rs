//! Copies small trees of configuration.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

/// Larger files are no configuration.
const LARGEST: u64 = 16 << 20;
/// Deeper trees are none either.
const DEEPEST: u32 = 8;

/// Copies `from` (a file, link or directory) to `to`: contents and modes, world-readable files only.
pub(super) fn tree(from: &Path, to: &Path) -> io::Result<()> {
    copy(from, to, 0)
}

fn copy(from: &Path, to: &Path, depth: u32) -> io::Result<()> {
    let meta = fs::symlink_metadata(from)?;
    if meta.is_symlink() {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        return ignore_existing(symlink(fs::read_link(from)?, to));
    }
    // What the node keeps from its other users, it keeps from workspaces too.
    if meta.permissions().mode() & 0o004 == 0 {
        return Ok(());
    }
    if meta.is_dir() && depth < DEEPEST {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()), depth + 1)?;
        }
    } else if meta.is_file() && meta.len() <= LARGEST {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from, to)?;
    }
    Ok(())
}

fn ignore_existing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_stay_behind() {
        let directory = tempfile::tempdir().unwrap();
        let from = directory.path().join("from");
        fs::create_dir(&from).unwrap();
        fs::write(from.join("public"), "1").unwrap();
        fs::write(from.join("secret"), "2").unwrap();
        fs::set_permissions(from.join("secret"), fs::Permissions::from_mode(0o640)).unwrap();
        let to = directory.path().join("to");
        tree(&from, &to).unwrap();
        assert!(to.join("public").exists());
        assert!(!to.join("secret").exists());
    }
}
