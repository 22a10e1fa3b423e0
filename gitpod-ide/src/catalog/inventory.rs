use std::collections::BTreeMap;
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::integrity::hash_file;

/// What a package consists of, written down when it was put together, to be compared before it is used.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inventory {
    /// By path below the package's top.
    items: BTreeMap<String, Item>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    /// File type and permissions, as in `st_mode`.
    mode: u32,
    size: u64,
    /// Modification time in nanoseconds since 1970; 0 for directories and links.
    mtime: i128,
    /// Of a file's bytes or a link's text; empty for directories, and where only the metadata was read.
    sha256: String,
}

/// How much of a package is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Names, types, permissions, sizes and modification times: tens of milliseconds.
    Metadata,
    /// Every byte as well.
    Content,
}

impl Inventory {
    /// Makes all of `dir` readable for everyone and writable for its owner alone, and writes down what is there.
    pub(super) fn settle(dir: &Path) -> io::Result<Self> {
        let mut inventory = Self::default();
        walk(dir, dir, &mut |path, name, metadata| {
            if !metadata.is_symlink() {
                let executable = metadata.is_dir() || metadata.mode() & 0o111 != 0;
                let mode = if executable { 0o755 } else { 0o644 };
                fs::set_permissions(path, Permissions::from_mode(mode))?;
            }
            let item = Item::read(path, &fs::symlink_metadata(path)?, Depth::Content)?;
            inventory.items.insert(name, item);
            Ok(())
        })?;
        Ok(inventory)
    }

    /// The first difference between `dir` and this inventory, for people; `None` if there is none.
    pub(super) fn difference(&self, dir: &Path, depth: Depth) -> io::Result<Option<String>> {
        let mut seen = 0;
        let mut difference = None;
        walk(dir, dir, &mut |path, name, metadata| {
            seen += 1;
            let now = Item::read(path, metadata, depth)?;
            let found = match self.items.get(&name) {
                None => Some("added"),
                Some(then) if !then.is_like(&now) => Some("changed"),
                Some(_) => None,
            };
            if difference.is_none() {
                difference = found.map(|how| format!("{name} was {how}"));
            }
            Ok(())
        })?;
        if difference.is_none() && seen != self.items.len() {
            difference = Some(format!(
                "{} of {} files are missing",
                self.items.len() - seen,
                self.items.len()
            ));
        }
        Ok(difference)
    }
}

impl Item {
    fn read(path: &Path, metadata: &Metadata, depth: Depth) -> io::Result<Self> {
        let mut hash = Sha256::new();
        let plain = metadata.is_file();
        let sha256 = match depth {
            Depth::Content if plain => {
                hash_file(path, &mut hash)?;
                hex::encode(hash.finalize())
            }
            Depth::Content if metadata.is_symlink() => {
                hex::encode(Sha256::digest(fs::read_link(path)?.as_os_str().as_bytes()))
            }
            Depth::Content | Depth::Metadata => String::new(),
        };
        Ok(Self {
            mode: metadata.mode(),
            size: if metadata.is_dir() {
                0
            } else {
                metadata.size()
            },
            mtime: if plain {
                i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec())
            } else {
                0
            },
            sha256,
        })
    }

    /// Equal, where both know.
    fn is_like(&self, now: &Self) -> bool {
        self.mode == now.mode
            && self.size == now.size
            && self.mtime == now.mtime
            && (now.sha256.is_empty() || self.sha256 == now.sha256)
    }
}

type Visit<'a> = dyn FnMut(&Path, String, &Metadata) -> io::Result<()> + 'a;

fn walk(top: &Path, dir: &Path, visit: &mut Visit<'_>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let metadata = fs::symlink_metadata(&path)?;
        let name = path
            .strip_prefix(top)
            .unwrap_or(&path)
            .to_string_lossy()
            .into_owned();
        visit(&path, name, &metadata)?;
        if metadata.is_dir() {
            walk(top, &path, visit)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_damage_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("d/f");
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::write(&file, "one").unwrap();
        let inventory = Inventory::settle(dir.path()).unwrap();
        let look = |depth| inventory.difference(dir.path(), depth).unwrap();
        assert_eq!((look(Depth::Metadata), look(Depth::Content)), (None, None));

        let time = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "two").unwrap();
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(time)
            .unwrap();
        assert_eq!(
            look(Depth::Metadata),
            None,
            "same size and time: only the bytes tell"
        );
        assert_eq!(look(Depth::Content).as_deref(), Some("d/f was changed"));

        fs::write(&file, "three").unwrap();
        assert_eq!(look(Depth::Metadata).as_deref(), Some("d/f was changed"));
        fs::remove_file(&file).unwrap();
        assert_eq!(
            look(Depth::Metadata).as_deref(),
            Some("1 of 2 files are missing")
        );
        fs::write(dir.path().join("new"), "").unwrap();
        assert_eq!(look(Depth::Metadata).as_deref(), Some("new was added"));
    }
}
