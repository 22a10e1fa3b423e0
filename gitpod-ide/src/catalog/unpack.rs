//! Unpacks archives that nobody should trust, although their hash is right.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use gitpod_core::{Error, ErrorKind, Result};
use tar::{Archive, EntryType};

/// More entries than this are not an editor.
const MAX_ENTRIES: usize = 200_000;
/// More bytes than this are not an editor (VS Code has 0.4 GiB).
const MAX_BYTES: u64 = 4 << 30;

/// Unpacks the `.tar.gz` at `archive` into the existing directory `target`, leaving out the first `strip` parts of each path.
///
/// # Behavior
/// Writes below `target` only: absolute paths, `..`, devices and hard links are refused; symbolic links must point into the
/// archive and are made last, so that nothing is ever written through one. Modes become 0644 or 0755; owners are ignored.
///
/// # Errors
/// `Unavailable`: the archive is damaged or breaks these rules. What was unpacked until then stays for the caller to remove.
pub(super) fn unpack(archive: &Path, target: &Path, strip: usize) -> Result<()> {
    let refuse = |error: io::Error| {
        Error::new(ErrorKind::Unavailable, "cannot unpack an editor package")
            .with_context("archive", archive.display())
            .with_source(error)
    };
    let file = File::open(archive).map_err(refuse)?;
    unpack_stream(GzDecoder::new(file), target, strip).map_err(refuse)
}

fn unpack_stream(stream: impl io::Read, target: &Path, strip: usize) -> io::Result<()> {
    let mut links = Vec::new();
    let mut bytes = 0_u64;
    for (count, entry) in Archive::new(stream).entries()?.enumerate() {
        let mut entry = entry?;
        bytes = bytes.saturating_add(entry.size());
        if count >= MAX_ENTRIES || bytes > MAX_BYTES {
            return Err(io::Error::other("the archive is too big"));
        }
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            continue;
        }
        let Some(path) = inside(&entry.path()?, strip)? else {
            continue;
        };
        let place = target.join(&path);
        match kind {
            EntryType::Directory => fs::create_dir_all(&place)?,
            EntryType::Regular | EntryType::Continuous => {
                make_parent(&place)?;
                let executable = entry.header().mode()? & 0o111 != 0;
                let mut file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(if executable { 0o755 } else { 0o644 })
                    .open(&place)?;
                io::copy(&mut entry, &mut file)?;
            }
            EntryType::Symlink => {
                let to = entry.link_name()?.unwrap_or_default().into_owned();
                if !stays_inside(&path, &to) {
                    return Err(io::Error::other("a link leaves the archive"));
                }
                links.push((place, to));
            }
            other => {
                return Err(io::Error::other(format!(
                    "{other:?} has no place in an editor package"
                )));
            }
        }
    }
    for (place, to) in links {
        make_parent(&place)?;
        symlink(to, place)?;
    }
    Ok(())
}

fn make_parent(place: &Path) -> io::Result<()> {
    place.parent().map_or(Ok(()), fs::create_dir_all)
}

/// The path of an entry below the target; `None` for what is stripped as a whole.
fn inside(path: &Path, strip: usize) -> io::Result<Option<PathBuf>> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(io::Error::other(format!(
                    "the path {} leaves the archive",
                    path.display()
                )));
            }
        }
    }
    Ok(parts
        .get(strip..)
        .filter(|rest| !rest.is_empty())
        .map(|rest| rest.iter().collect()))
}

/// Whether the link at `path` with the text `to` ends below the archive's top, judged by the text alone.
fn stays_inside(path: &Path, to: &Path) -> bool {
    let mut depth = path.components().count().saturating_sub(1);
    for part in to.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &[(EntryType, &str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (kind, path, data) in entries {
            let mut header = tar::Header::new_old();
            // Written byte by byte: the builder's own checks would refuse hostile paths.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_mode(0o4777);
            let body = match kind {
                EntryType::Symlink | EntryType::Link => {
                    header.as_old_mut().linkname[..data.len()].copy_from_slice(data.as_bytes());
                    ""
                }
                _ => data,
            };
            header.set_size(body.len() as u64);
            header.set_cksum();
            builder.append(&header, body.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn files_land_without_their_first_part_and_without_special_bits() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let bytes = archive(&[
            (EntryType::Directory, "package/", ""),
            (EntryType::Symlink, "package/bin/run", "../lib/run.js"),
            (EntryType::Regular, "package/lib/run.js", "hello"),
        ]);
        unpack_stream(&bytes[..], dir.path(), 1).unwrap();
        assert_eq!(fs::read(dir.path().join("bin/run")).unwrap(), b"hello");
        let mode = fs::metadata(dir.path().join("lib/run.js"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7000, 0);
    }

    #[test]
    fn nothing_is_written_outside() {
        use EntryType::{Char, Link, Regular, Symlink};
        let hostile: [&[(EntryType, &str, &str)]; 7] = [
            &[(Regular, "p/../../evil", "x")],
            &[(Regular, "/p/evil", "x")],
            &[(Symlink, "p/out", "../..")],
            &[(Symlink, "p/out", "/etc")],
            &[(Link, "p/out", "/etc/passwd")],
            &[(Char, "p/null", "")],
            // through a link that is fine in itself: the file's directory takes the link's place, making the link fails
            &[(Symlink, "p/a", "b"), (Regular, "p/a/evil", "x")],
        ];
        for entries in hostile {
            let outer = tempfile::tempdir().unwrap();
            let target = outer.path().join("target");
            fs::create_dir(&target).unwrap();
            assert!(
                unpack_stream(&archive(entries)[..], &target, 1).is_err(),
                "{entries:?}"
            );
            assert_eq!(
                fs::read_dir(outer.path()).unwrap().count(),
                1,
                "{entries:?}"
            );
        }
    }
}
