//! Where a fresh clone's `HEAD` points.

use std::path::{Path, PathBuf};

use gitpod_core::Result;

use super::failure::Attempt;
use super::refname::is_full_hash;
use super::tool::Session;
use crate::beneath::{self, blocking};

/// A reference fits into this.
const MAX: u64 = 4096;

/// The text of `HEAD` in the clone at `tree`: a hash, or `ref: …`.
pub(super) async fn text(tree: PathBuf) -> Result<Option<String>> {
    blocking("cannot read the clone", tree, |tree| {
        line(tree, ".git/HEAD")
    })
    .await
}

/// The commit of the clone at `tree`, as far as its files say; a reference that was packed has none of its own.
pub(super) async fn on_disk(tree: PathBuf) -> Result<Option<String>> {
    blocking("cannot read the clone", tree, |tree| {
        let Some(head) = line(tree, ".git/HEAD")? else {
            return Ok(None);
        };
        let hash = match head.strip_prefix("ref: ") {
            Some(name) if name.starts_with("refs/") => line(tree, &format!(".git/{name}"))?,
            Some(_) => None,
            None => Some(head),
        };
        Ok(hash.filter(|hash| is_full_hash(hash)))
    })
    .await
}

/// The commit of the clone: asks git only where the files do not say. `None` in a repository without commits.
pub(super) async fn commit(
    session: &Session<'_>,
    host_tree: PathBuf,
    tree: &str,
) -> Result<Option<String>> {
    if let Some(hash) = on_disk(host_tree).await? {
        return Ok(Some(hash));
    }
    let attempt = Attempt {
        what: "read the clone's commit",
        remote: None,
        reference: None,
    };
    let arguments = ["-C", tree, "rev-parse", "--verify", "--quiet", "HEAD"];
    let output = session.try_run(attempt.what, &arguments).await?;
    let hash = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(is_full_hash(&hash).then_some(hash))
}

fn line(tree: &Path, path: &str) -> std::io::Result<Option<String>> {
    let content = beneath::read(tree, path, MAX)?;
    Ok(content.map(|content| String::from_utf8_lossy(&content).trim().to_owned()))
}
