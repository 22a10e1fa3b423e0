//! The directory that each instance sees at `/.supervisor`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use gitpod_core::{Error, Result};
use sha2::{Digest as _, Sha256};

use crate::config::Config;

/// Names in the directory; `gp` is how users call it.
const SUPERVISOR: &str = "supervisor";
const GP: &str = "gp";

/// Puts the supervisor's executable into a directory of its own, and says where.
///
/// # Behavior
/// An instance keeps the directory it started with; an upgrade makes a new one beside it. The executable is the configured
/// one, else `supervisor` beside this program, else this program itself, which acts as the supervisor when it is called so
/// (it needs this machine's C library, so images other than `host` want the static one: `gitpod-server doctor` tells).
///
/// # Errors
/// The executable cannot be found or copied.
pub(super) fn prepare(config: &Config) -> Result<PathBuf> {
    let executable = find(config)?;
    let failed = |what: &'static str, path: &Path| {
        let path = path.display().to_string();
        move |e: std::io::Error| {
            Error::unexpected(what)
                .with_context("path", path)
                .with_source(e)
        }
    };
    let meta = fs::metadata(&executable).map_err(failed(
        "cannot find the supervisor's executable",
        &executable,
    ))?;
    let name = identity(&meta);
    let parent = config.data_dir.join(SUPERVISOR);
    let dir = parent.join(&name);
    if dir.join(GP).symlink_metadata().is_ok() {
        return Ok(dir);
    }
    let making = parent.join(format!(".{name}"));
    if making.exists() {
        fs::remove_dir_all(&making)
            .map_err(failed("cannot remove a half-made directory", &making))?;
    }
    fs::create_dir_all(&making)
        .map_err(failed("cannot make the supervisor's directory", &making))?;
    let target = making.join(SUPERVISOR);
    fs::copy(&executable, &target)
        .map_err(failed("cannot copy the supervisor's executable", &target))?;
    fs::set_permissions(&target, fs::Permissions::from_mode(0o755))
        .map_err(failed("cannot make the supervisor executable", &target))?;
    symlink(SUPERVISOR, making.join(GP)).map_err(failed("cannot link gp", &making))?;
    fs::rename(&making, &dir).map_err(failed("cannot place the supervisor's directory", &dir))?;
    Ok(dir)
}

/// A name that another version of the executable does not get. Its content is not read: it may be large, and this is on the
/// way of every start of the server.
fn identity(meta: &fs::Metadata) -> String {
    let mut hash = Sha256::new();
    for number in [meta.dev(), meta.ino(), meta.len()] {
        hash.update(number.to_le_bytes());
    }
    for number in [meta.mtime(), meta.mtime_nsec()] {
        hash.update(number.to_le_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

/// The executable to use.
pub(crate) fn find(config: &Config) -> Result<PathBuf> {
    if let Some(path) = &config.supervisor {
        return Ok(path.clone());
    }
    let this = std::env::current_exe()
        .map_err(|e| Error::unexpected("cannot find this program's own file").with_source(e))?;
    let beside = this.with_file_name(SUPERVISOR);
    let usable = beside
        .metadata()
        .is_ok_and(|meta| meta.is_file() && meta.mode() & 0o111 != 0);
    Ok(if usable { beside } else { this })
}
