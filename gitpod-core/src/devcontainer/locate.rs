//! Which of a repository's files counts.

use crate::{Error, ErrorKind, Result};

/// The usual places, the first one that is there counts.
pub const USUAL: [&str; 2] = [".devcontainer/devcontainer.json", ".devcontainer.json"];

/// Which file counts, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// Its path in the repository.
    pub path: String,
    /// Why this one, for people.
    pub reason: String,
    /// The others that could have been chosen.
    pub others: Vec<String>,
}

/// Whether `path` is one of the places where a repository may have the file: the usual ones, and
/// `.devcontainer/<folder>/devcontainer.json`.
pub fn is_place(path: &str) -> bool {
    USUAL.contains(&path) || folder(path).is_some()
}

/// Which of the repository's `paths` is its devcontainer file. `wanted`, a path or the name of a folder, is what the user
/// chose, if any. `None` when there is no such file at all.
///
/// # Errors
/// [`NotFound`](ErrorKind::NotFound) when there are such files, but not the wanted one.
pub fn locate<'p>(
    paths: impl IntoIterator<Item = &'p str>,
    wanted: Option<&str>,
) -> Result<Option<Location>> {
    let mut places: Vec<&str> = paths.into_iter().filter(|path| is_place(path)).collect();
    places.sort_by_key(|path| (rank(path), *path));
    places.dedup();
    let (chosen, reason) = match (wanted, places.as_slice()) {
        (None, []) => return Ok(None),
        (Some(wanted), places) => {
            let is_wanted = |path: &&&str| **path == wanted || folder(path) == Some(wanted);
            let Some(path) = places.iter().find(is_wanted) else {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    "the repository has no such devcontainer.json",
                )
                .with_context("wanted", wanted)
                .with_context("there are", places.join(", "))
                .with_hint("choose one of those that are there, or none"));
            };
            (*path, String::from("it was chosen"))
        }
        (None, [only]) => (*only, String::from("it is the only one")),
        (None, [first, ..]) if rank(first) < USUAL.len() => (
            *first,
            String::from("it is in the first of the usual places"),
        ),
        (None, [first, ..]) => {
            let reason = "nobody chose and none is in a usual place; it is the first by name";
            (*first, reason.to_owned())
        }
    };
    let others = places.iter().filter(|path| **path != chosen);
    Ok(Some(Location {
        path: chosen.to_owned(),
        reason,
        others: others.map(|path| (*path).to_owned()).collect(),
    }))
}

fn rank(path: &str) -> usize {
    let place = USUAL.iter().position(|usual| *usual == path);
    place.unwrap_or(USUAL.len())
}

/// The folder of `.devcontainer/<folder>/devcontainer.json`.
fn folder(path: &str) -> Option<&str> {
    let folder = path
        .strip_prefix(".devcontainer/")?
        .strip_suffix("/devcontainer.json")?;
    (!folder.is_empty() && !folder.contains('/')).then_some(folder)
}
