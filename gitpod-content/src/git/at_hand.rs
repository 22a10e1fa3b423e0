//! A repository of this machine answers everything in one go, without a server of its own.

use gitpod_core::Result;
use gitpod_core::content::CloneTarget;

use super::batch::{self, Object};
use super::failure::Attempt;
use super::refname::is_full_hash;
use super::remote::Remote;
use super::tool::Git;
use super::wanted::Wanted;
use crate::Resolved;
use crate::beneath::{self, blocking};

/// A reference fits into this.
const MAX_HEAD: u64 = 4096;

/// What a name may be, and how to ask for it.
struct Reading {
    target: CloneTarget,
    revision: String,
}

/// Resolves `reference` in a repository of this machine, and reads what is wanted at it.
///
/// `None` when that takes more than a look: nothing of that name, no commit yet, a repository in a format that has to be asked
/// for. Then the usual way finds out, and finds the words for it.
pub(super) async fn resolve(
    git: &Git,
    remote: &Remote,
    reference: Option<&str>,
    wanted: &Wanted<'_>,
) -> Result<Option<Resolved>> {
    let Some(local) = &remote.local else {
        return Ok(None);
    };
    let Some(head) = head_branch(local.git_dir.clone()).await? else {
        return Ok(None);
    };
    let readings = readings(reference, &head);
    let questions: Vec<String> = readings
        .iter()
        .flat_map(|Reading { revision, .. }| {
            let commit = format!("{revision}^{{commit}}");
            std::iter::once(commit).chain(wanted.questions(revision))
        })
        .collect();
    let attempt = Attempt {
        what: "read the repository's configuration",
        remote: Some(&remote.url),
        reference,
    };
    // Offline: a repository that lacks objects shall not make us fetch them from who knows where.
    let mut session = git.offline().await?;
    session.see(remote.mounts());
    let git_dir = local.git_dir.display().to_string();
    let mut answers = batch::ask(&mut session, &attempt, &git_dir, &questions)
        .await?
        .into_iter();
    let each = questions.len() / readings.len() - 1;
    for reading in readings {
        let commit = answers.next().flatten();
        let found: Vec<Option<Object>> = answers.by_ref().take(each).collect();
        let Some(commit) = commit else {
            continue;
        };
        let mut resolved = Resolved::new(match reading.target {
            CloneTarget::Commit(_) => CloneTarget::Commit(commit.id.clone()),
            target => target,
        });
        resolved.default_branch = Some(head);
        let (found, place) = (found.into_iter(), (&mut resolved, commit.id.as_str()));
        wanted
            .bring(&mut session, &attempt, &git_dir, found, place)
            .await?;
        resolved.revision = Some(commit.id);
        return Ok(Some(resolved));
    }
    Ok(None)
}

/// The branch that `HEAD` names, where a file says so.
async fn head_branch(git_dir: std::path::PathBuf) -> Result<Option<String>> {
    let head = blocking("cannot look at a repository", git_dir, |git_dir| {
        beneath::read(git_dir, "HEAD", MAX_HEAD)
    })
    .await?;
    let head = head.map(|head| String::from_utf8_lossy(&head).trim().to_owned());
    let branch = head.and_then(|head| Some(head.strip_prefix("ref: refs/heads/")?.to_owned()));
    // What a repository has there whose references are in a table.
    Ok(branch.filter(|branch| branch != ".invalid"))
}

/// What `reference` may be, in order of precedence: as for a server, a branch, a tag, any other reference, a commit.
fn readings(reference: Option<&str>, head: &str) -> Vec<Reading> {
    let reading = |target, revision: String| Reading { target, revision };
    let branch = |name: &str| {
        reading(
            CloneTarget::Branch(name.to_owned()),
            format!("refs/heads/{name}"),
        )
    };
    let tag = |name: &str| {
        reading(
            CloneTarget::Tag(name.to_owned()),
            format!("refs/tags/{name}"),
        )
    };
    let Some(reference) = reference else {
        return vec![branch(head)];
    };
    if let Some(name) = reference.strip_prefix("refs/heads/") {
        return vec![branch(name)];
    }
    if let Some(name) = reference.strip_prefix("refs/tags/") {
        return vec![tag(name)];
    }
    let mut readings = vec![branch(reference), tag(reference)];
    if reference.starts_with("refs/") || is_full_hash(reference) {
        readings.push(reading(
            CloneTarget::Commit(String::new()),
            reference.to_owned(),
        ));
    }
    readings
}
