//! Becoming an ordinary user, for tests that root runs.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// A user nobody else is.
const USER: u32 = 47_110;

/// Runs this executable again as an ordinary user, with the same arguments and a directory of its own. `None` where it is one.
pub(crate) fn instead_of_root() -> Option<ExitCode> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    chown(directory.path(), Some(USER), Some(USER)).expect("it can be given away");
    let status = Command::new(place(directory.path()))
        .args(std::env::args_os().skip(1))
        .env("TMPDIR", directory.path())
        .env("HOME", directory.path())
        .current_dir(directory.path())
        // The standard library drops root's further groups, too.
        .uid(USER)
        .gid(USER)
        .status()
        .expect("this executable starts");
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Some(ExitCode::from(code.unwrap_or(101)))
}

/// Puts this executable where the user gets at it: the directory it was built in may be closed to others.
fn place(directory: &Path) -> PathBuf {
    let this = std::env::current_exe().expect("this executable has a name");
    let there = directory.join("conformance");
    std::fs::hard_link(&this, &there)
        .or_else(|_| std::fs::copy(&this, &there).map(drop))
        .expect("this executable can be copied");
    there
}
