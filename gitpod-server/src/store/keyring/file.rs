use std::fs::{File, OpenOptions};
use std::io::{ErrorKind as IoKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use gitpod_core::{Error, ErrorKind, Result, Secret};

use super::key::Key;

/// Longest file; a key is one line of 61 characters.
const MAX_SIZE: u64 = 1 << 20;
/// Others may neither read nor write it; its group may read it, as where secrets are mounted for a group.
const FORBIDDEN: u32 = 0o027;
const HEADING: &str = "\
# These keys encrypt the secrets in the database. The first one encrypts; all of them decrypt.
# Keep a copy, apart from the copies of the database: without this file the secrets in it are lost.
";

/// Tells whether a file is the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(path: &Path) -> Result<Self> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Self::from(&metadata)),
            Err(e) if e.kind() == IoKind::NotFound => Err(vanished(path)),
            Err(e) => Err(failed("cannot look at the key file", path)(e)),
        }
    }

    fn from(metadata: &std::fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// The keys in the file; `None`: there is none.
pub(super) fn read(path: &Path) -> Result<Option<(Vec<Key>, Stamp)>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == IoKind::NotFound => return Ok(None),
        Err(e) => return Err(failed("cannot open the key file", path)(e)),
    };
    let metadata = file
        .metadata()
        .map_err(failed("cannot look at the key file", path))?;
    if metadata.mode() & FORBIDDEN != 0 {
        return Err(Error::new(
            ErrorKind::PermissionDenied,
            "others may read or write the key file",
        )
        .with_context("path", path.display())
        .with_hint("`chmod 600` it, and rotate the keys if somebody may have read them"));
    }
    let mut text = String::new();
    file.take(MAX_SIZE)
        .read_to_string(&mut text)
        .map_err(failed("cannot read the key file", path))?;
    let text = Secret::new(text);
    Ok(Some((parse(path, text.expose())?, Stamp::from(&metadata))))
}

fn parse(path: &Path, text: &str) -> Result<Vec<Key>> {
    let invalid = |what: &'static str| {
        Error::new(ErrorKind::ConfigInvalid, what).with_context("path", path.display())
    };
    let mut keys: Vec<Key> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let key = Key::parse(line).ok_or_else(|| {
            invalid("a line of the key file is no key").with_context("line", index + 1)
        })?;
        if keys.iter().any(|known| known.id == key.id) {
            return Err(invalid("two keys of the key file have the same id"));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err(invalid("the key file has no key")
            .with_hint("restore it from its copy; if the database has no secrets yet, remove it"));
    }
    Ok(keys)
}

/// Makes the file. If another process was faster, its keys count.
pub(super) fn create(path: &Path, keys: &[Key]) -> Result<(Vec<Key>, Stamp)> {
    let _lock = lock(path)?;
    if let Some(found) = read(path)? {
        return Ok(found);
    }
    replace(path, keys)?;
    read(path)?.ok_or_else(|| vanished(path))
}

/// Writes the file anew: whoever reads it, and after a crash, finds the old keys or the new ones.
pub(super) fn replace(path: &Path, keys: &[Key]) -> Result<Stamp> {
    let failed = failed("cannot write the key file", path);
    let draft = beside(path, "new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(&failed)?;
    file.write_all(HEADING.as_bytes()).map_err(&failed)?;
    for key in keys {
        writeln!(file, "{}", key.print().expose()).map_err(&failed)?;
    }
    file.sync_all().map_err(&failed)?;
    std::fs::rename(&draft, path).map_err(&failed)?;
    let directory = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(&failed)?;
    Stamp::of(path)
}

/// Held by whoever changes the file.
pub(super) fn lock(path: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(beside(path, "lock"))
        .map_err(failed("cannot lock the key file", path))?;
    file.lock()
        .map_err(failed("cannot lock the key file", path))?;
    Ok(file)
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

pub(super) fn vanished(path: &Path) -> Error {
    Error::new(ErrorKind::FailedPrecondition, "the key file is gone")
        .with_context("path", path.display())
        .with_hint("restore it from its copy; nothing else can read the secrets in the database")
}

fn failed<'p>(what: &'static str, path: &'p Path) -> impl Fn(std::io::Error) -> Error + 'p {
    move |e| {
        Error::new(ErrorKind::PermissionDenied, what)
            .with_context("path", path.display())
            .with_hint("it has to belong to the server's user, and lie where the server may write")
            .with_source(e)
    }
}
