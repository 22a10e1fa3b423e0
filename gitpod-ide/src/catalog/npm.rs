use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use gitpod_core::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::Integrity;

/// Longer than any editor takes on a slow line; a hung registry must not hold the lock for ever.
const LIMIT: Duration = Duration::from_mins(20);
/// Of what npm says, only the end is kept for the error.
const KEPT: usize = 2048;

/// A package of the npm registry, pinned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tarball {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    /// As in [`Integrity`].
    pub(super) integrity: &'static str,
}

impl Tarball {
    pub(super) fn fingerprint(&self, hash: &mut Sha256) {
        for part in [self.name, self.version, self.integrity] {
            hash.update(part);
            hash.update([0]);
        }
    }
}

/// The npm executable. It knows the registry, mirrors, proxies and credentials that the machine is configured for, so that this
/// crate needs to know none of them.
#[derive(Debug, Clone)]
pub(super) struct Npm {
    program: PathBuf,
}

impl Npm {
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// Whether the executable is there.
    pub(super) fn is_there(&self) -> bool {
        if self.program.components().count() > 1 {
            return self.program.exists();
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|dir| dir.join(&self.program).is_file())
    }

    /// Fetches `tarball` into the empty directory `dir` and compares it with its hash.
    pub(super) async fn fetch(&self, tarball: &Tarball, dir: &Path) -> Result<PathBuf> {
        let what = format!("{}@{}", tarball.name, tarball.version);
        let target = dir.as_os_str();
        self.run(
            dir,
            [
                "pack".as_ref(),
                what.as_ref(),
                "--ignore-scripts".as_ref(),
                "--pack-destination".as_ref(),
                target,
            ],
        )
        .await
        .map_err(|error| error.with_context("package", &what))?;
        let file = only_file(dir).map_err(|error| {
            Error::unexpected("npm did not leave the package it was asked for")
                .with_context("package", &what)
                .with_source(error)
        })?;
        let integrity: Integrity = tarball.integrity.parse()?;
        let path = file.clone();
        blocking(move || integrity.verify(&path))
            .await
            .map_err(|error| error.with_context("package", &what))?;
        Ok(file)
    }

    /// Installs what the lock file in `dir` pins by hash, running none of its scripts.
    pub(super) async fn install_locked(&self, dir: &Path) -> Result<()> {
        // The lock files of VS Code leave out peers on purpose.
        let flags = ["ci", "--omit=dev", "--legacy-peer-deps", "--ignore-scripts"];
        self.run(dir, flags.map(OsStr::new)).await
    }

    async fn run<const N: usize>(&self, dir: &Path, args: [&OsStr; N]) -> Result<()> {
        let mut child = Command::new(&self.program)
            .args(args)
            .args([
                "--no-audit",
                "--no-fund",
                "--no-update-notifier",
                "--loglevel=error",
            ])
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.missing(error))?;
        let words = child.stderr.take();
        let work = async {
            let said = tail(words).await;
            child.wait().await.map(|status| (status, said))
        };
        let (status, said) = tokio::time::timeout(LIMIT, work)
            .await
            .map_err(|_| {
                Error::new(ErrorKind::TimedOut, "npm did not finish")
                    .with_context("limit", format!("{LIMIT:?}"))
            })?
            .map_err(|error| Error::unexpected("cannot wait for npm").with_source(error))?;
        if status.success() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            "npm cannot fetch an editor's packages",
        )
        .with_context("exit", status)
        .with_source(io::Error::other(said))
        .with_hint(
            "is the registry reachable? `npm config get registry` names it, `npm ping` tries it",
        ))
    }

    fn missing(&self, error: io::Error) -> Error {
        Error::new(ErrorKind::Unavailable, "cannot run npm, which fetches editors")
            .with_context("program", self.program.display())
            .with_source(error)
            .with_hint("install npm (on Debian: apt-get install npm), or set the catalogue's `npm` to its path")
    }
}

/// Runs file work on a thread of its own; a panic there is a bug and becomes an error.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        Error::unexpected("an editor's package could not be put together").with_source(error)
    })?
}

fn only_file(dir: &Path) -> io::Result<PathBuf> {
    let mut entries = std::fs::read_dir(dir)?;
    match (entries.next(), entries.next()) {
        (Some(only), None) => Ok(only?.path()),
        (None, _) => Err(io::Error::other("there is no file")),
        (Some(_), Some(_)) => Err(io::Error::other("there are several files")),
    }
}

/// Reads to the end, keeps the last part: npm may say a lot.
async fn tail(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        let mut buffer = [0; 1024];
        while let Ok(n @ 1..) = stream.read(&mut buffer).await {
            kept.extend_from_slice(&buffer[..n]);
            if kept.len() > KEPT {
                kept.drain(..kept.len() - KEPT);
            }
        }
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}
