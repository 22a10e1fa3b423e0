use std::fs;
use std::io;
use std::path::Path;

use gitpod_core::instance::RunAs;
use gitpod_core::{Error, Result};

use super::failure::Attempt;
use super::policy::quoted;
use super::remote::Remote;
use super::tool::Session;
use crate::RepositoryFile;
use crate::beneath::{check_location, own_all};

/// Longest file that is read.
const MAX_FILE: usize = 1 << 20;
/// Most files of one question.
const MAX_FILES: usize = 32;

/// A regular file in a tree.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    path: String,
    object: String,
    size: usize,
}

/// Reads `paths` at `revision` of `remote`. A repository of this machine is read where it is, another one is fetched first:
/// one commit, and where the server can no other contents of files, into a directory that goes with the session.
pub(super) async fn read_files(
    mut session: Session<'_>,
    remote: &Remote,
    revision: &str,
    reference: Option<&str>,
    paths: &[String],
) -> Result<Vec<RepositoryFile>> {
    for path in paths.iter().take(MAX_FILES) {
        check_location(path)?;
    }
    let attempt = Attempt {
        what: "read the repository's configuration",
        remote: Some(&remote.url),
        reference: Some(reference.unwrap_or("HEAD")),
    };
    let git_dir = match &remote.local {
        Some(local) => local.git_dir.display().to_string(),
        None => fetch(&mut session, remote, revision, &attempt).await?,
    };
    let git_dir = format!("--git-dir={git_dir}");
    let mut list = vec![
        &git_dir,
        "ls-tree",
        "-z",
        "-l",
        "--full-tree",
        revision,
        "--",
    ];
    list.extend(paths.iter().take(MAX_FILES).map(String::as_str));
    let listing = session.run(&attempt, &list).await?;
    let entries = parse_tree(&listing.stdout);
    if let Some(entry) = entries.iter().find(|entry| entry.size > MAX_FILE) {
        return Err(Error::invalid("a configuration file is too long")
            .with_context("file", &entry.path)
            .with_context("bytes", entry.size)
            .with_hint("such a file may have 1 MiB"));
    }
    let wanted: Vec<&Entry> = entries.iter().filter(|e| paths.contains(&e.path)).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    // `show` prints the contents of several objects without anything in between; the sizes are known.
    let mut show = vec![git_dir.as_str(), "show", "--no-textconv"];
    show.extend(wanted.iter().map(|entry| entry.object.as_str()));
    session.set_max_output(wanted.iter().map(|entry| entry.size).sum());
    let contents = session.run(&attempt, &show).await?;
    split(&contents.stdout, &wanted)
}

async fn fetch(
    session: &mut Session<'_>,
    remote: &Remote,
    revision: &str,
    attempt: &Attempt<'_>,
) -> Result<String> {
    let url = remote.url.as_str().to_owned();
    let fill = move |room: &Path| make_repository(&room.join("repository"), &url);
    let room = session.scratch.room(RunAs::GITPOD, fill).await?;
    session.enter(&room);
    let git_dir = room.see("repository");
    let argument = format!("--git-dir={git_dir}");
    let fetch = [
        argument.as_str(),
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--no-write-fetch-head",
        "--filter=blob:none",
        "origin",
        revision,
    ];
    session.run(attempt, &fetch).await?;
    Ok(git_dir)
}

/// What `git init --bare` would make, without a process.
fn make_repository(path: &Path, url: &str) -> io::Result<()> {
    let hash = "\tbare = true\n\trepositoryFormatVersion = 1\n";
    let config = format!(
        "[core]\n{hash}[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = {}\n\tpromisor = true\n\
         \tpartialCloneFilter = blob:none\n",
        quoted(url)
    );
    fs::create_dir_all(path.join("objects"))?;
    fs::create_dir(path.join("refs"))?;
    fs::write(path.join("HEAD"), "ref: refs/heads/none\n")?;
    fs::write(path.join("config"), config)?;
    own_all(path, RunAs::GITPOD)
}

/// Parses `git ls-tree -z -l`; anything but regular files is left out, symbolic links too.
fn parse_tree(listing: &[u8]) -> Vec<Entry> {
    let entry = |record: &[u8]| {
        let record = std::str::from_utf8(record).ok()?;
        let (meta, path) = record.split_once('\t')?;
        let mut meta = meta.split_ascii_whitespace();
        let (mode, kind, object, size) = (meta.next()?, meta.next()?, meta.next()?, meta.next()?);
        let regular = kind == "blob" && matches!(mode, "100644" | "100755");
        regular.then_some(Entry {
            path: path.to_owned(),
            object: object.to_owned(),
            size: size.parse().ok()?,
        })
    };
    listing.split(|&byte| byte == 0).filter_map(entry).collect()
}

fn split(contents: &[u8], entries: &[&Entry]) -> Result<Vec<RepositoryFile>> {
    let mut rest = contents;
    entries
        .iter()
        .map(|entry| {
            let (content, after) = rest.split_at_checked(entry.size).ok_or_else(|| {
                Error::unexpected("git gave less of a file than it announced")
                    .with_context("file", &entry.path)
            })?;
            rest = after;
            Ok(RepositoryFile {
                path: entry.path.clone(),
                content: content.to_vec(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_count() {
        let listing = b"100644 blob aa      12\t.gitpod.yml\x00120000 blob bb       3\tlink\x00040000 tree cc       -\tdir\0\
            160000 commit dd       -\tsub\x00100755 blob ee 0\ta b\n\0garbage\0";
        let names: Vec<_> = parse_tree(listing)
            .into_iter()
            .map(|e| (e.path, e.size))
            .collect();
        assert_eq!(
            names,
            [(".gitpod.yml".to_owned(), 12), ("a b\n".to_owned(), 0)]
        );
    }

    #[test]
    fn contents_are_split_by_size_and_never_short() {
        let entry = |size| Entry {
            path: "p".to_owned(),
            object: String::new(),
            size,
        };
        let (a, b) = (entry(2), entry(3));
        let files = split(b"aabbb", &[&a, &b]).unwrap();
        assert_eq!(files[1].content, b"bbb");
        assert!(split(b"aabb", &[&a, &b]).is_err());
    }
}
