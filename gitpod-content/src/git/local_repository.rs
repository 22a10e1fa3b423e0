use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use gitpod_core::{Error, Result};
use url::Url;

use crate::beneath::blocking;

/// Longest file of git's that is read to find a repository's parts.
const MAX_POINTER: u64 = 16 * 1024;
/// Most object directories that a repository may borrow from.
const MAX_ALTERNATES: usize = 8;

/// A repository on this machine, and all directories it consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocalRepository {
    /// The directory with `HEAD`.
    pub(super) git_dir: PathBuf,
    /// Everything a job must see to read it: itself, the main repository of a linked worktree, borrowed object stores.
    pub(super) directories: Vec<PathBuf>,
}

impl LocalRepository {
    /// Finds the repository of a `file://` URL, where git would.
    pub(super) async fn find(url: &Url) -> Result<Self> {
        let missing = || {
            Error::not_found("there is no git repository at this path of the machine")
                .with_context("remote", url)
                .with_hint(
                    "give the path of a repository: a directory with a `.git`, or a bare one",
                )
        };
        let path = url.to_file_path().map_err(|()| missing())?;
        blocking("cannot look at a repository", path, |path| {
            Ok(Self::at(path))
        })
        .await?
        .ok_or_else(missing)
    }

    fn at(path: &Path) -> Option<Self> {
        let text = path.as_os_str().as_encoded_bytes();
        if text.iter().any(u8::is_ascii_control) {
            return None;
        }
        let with = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        // In the order of git's own search.
        [
            with("/.git"),
            path.to_path_buf(),
            with(".git/.git"),
            with(".git"),
        ]
        .into_iter()
        .find_map(|candidate| Self::open(path, candidate))
    }

    fn open(path: &Path, candidate: PathBuf) -> Option<Self> {
        let mut directories: Vec<PathBuf> = Vec::new();
        let git_dir = if candidate.is_file() {
            let pointer = pointer(&candidate).ok()?;
            let target = pointer.strip_prefix("gitdir:")?.trim();
            candidate.parent()?.join(target)
        } else {
            candidate.clone()
        };
        if !git_dir.join("HEAD").is_file() {
            return None;
        }
        let common = match pointer(&git_dir.join("commondir")) {
            Ok(common) => git_dir.join(common.trim()),
            Err(_) => git_dir.clone(),
        };
        if !common.join("objects").is_dir() {
            return None;
        }
        let shown = if path.is_dir() {
            path.to_path_buf()
        } else {
            candidate
        };
        let alternates = alternates(&common);
        for directory in [shown, git_dir.clone(), common]
            .into_iter()
            .chain(alternates)
        {
            // Both as it is written, which is where git looks, and as it is, which has neither links nor `..`.
            let real = fs::canonicalize(&directory).ok()?;
            let written = std::path::absolute(&directory).ok()?;
            let plain = !written
                .components()
                .any(|part| part == Component::ParentDir);
            for place in [plain.then_some(written), Some(real)].into_iter().flatten() {
                if !directories.iter().any(|seen| place.starts_with(seen)) {
                    directories.push(place);
                }
            }
        }
        Some(Self {
            git_dir,
            directories,
        })
    }
}

fn alternates(common: &Path) -> Vec<PathBuf> {
    let objects = common.join("objects");
    let list = pointer(&objects.join("info/alternates")).unwrap_or_default();
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(MAX_ALTERNATES)
        .map(|line| objects.join(line))
        .filter(|directory| directory.is_dir())
        .collect()
}

fn pointer(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?
        .take(MAX_POINTER)
        .read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(path: &Path) {
        fs::create_dir_all(path.join("objects/info")).unwrap();
        fs::write(path.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    }

    #[test]
    fn finds_what_git_finds() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        bare(&root.join("bare.git"));
        bare(&root.join("tree/.git"));
        fs::create_dir(root.join("none")).unwrap();
        let find = |name: &str| LocalRepository::at(&root.join(name));
        assert_eq!(find("bare.git").unwrap().git_dir, root.join("bare.git"));
        assert_eq!(find("bare").unwrap().git_dir, root.join("bare.git"));
        assert_eq!(find("tree").unwrap().git_dir, root.join("tree/.git"));
        assert_eq!(find("tree").unwrap().directories, [root.join("tree")]);
        assert_eq!(find("none"), None);
        assert_eq!(find("missing"), None);
    }

    #[test]
    fn a_linked_worktree_brings_its_main_repository_and_borrowed_objects() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        bare(&root.join("main/.git"));
        bare(&root.join("lender.git"));
        let linked = root.join("main/.git/worktrees/w");
        fs::create_dir_all(&linked).unwrap();
        fs::write(linked.join("HEAD"), "ref: refs/heads/w\n").unwrap();
        fs::write(linked.join("commondir"), "../..\n").unwrap();
        fs::create_dir(root.join("w")).unwrap();
        fs::write(
            root.join("w/.git"),
            format!("gitdir: {}\n", linked.display()),
        )
        .unwrap();
        let lender = root.join("lender.git/objects");
        fs::write(
            root.join("main/.git/objects/info/alternates"),
            format!("{}\n", lender.display()),
        )
        .unwrap();
        let found = LocalRepository::at(&root.join("w")).unwrap();
        assert_eq!(found.git_dir, linked);
        assert_eq!(
            found.directories,
            [root.join("w"), linked, root.join("main/.git"), lender]
        );
    }
}
