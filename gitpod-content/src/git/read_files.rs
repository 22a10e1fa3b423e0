use std::fs;
use std::io;
use std::path::Path;

use gitpod_core::Result;
use gitpod_core::instance::RunAs;

use super::batch;
use super::failure::Attempt;
use super::policy::quoted;
use super::remote::Remote;
use super::tool::Session;
use super::wanted::Wanted;
use crate::Resolved;
use crate::beneath::own_all;

/// Reads what is wanted at `revision` of `remote`. A repository of this machine is read where it is, another one is fetched first:
/// one commit, and where the server can no other contents of files, into a directory that goes with the session.
pub(super) async fn read_files(
    mut session: Session<'_>,
    remote: &Remote,
    revision: &str,
    reference: Option<&str>,
    (wanted, resolved): (&Wanted<'_>, &mut Resolved),
) -> Result<()> {
    let attempt = Attempt {
        what: "read the repository's configuration",
        remote: Some(&remote.url),
        reference: Some(reference.unwrap_or("HEAD")),
    };
    let git_dir = match &remote.local {
        Some(local) => local.git_dir.display().to_string(),
        None => fetch(&mut session, remote, revision, &attempt).await?,
    };
    let mut questions = vec![format!("{revision}^{{commit}}")];
    questions.extend(wanted.questions(revision));
    let mut answers = batch::ask(&mut session, &attempt, &git_dir, &questions)
        .await?
        .into_iter();
    if answers.next().flatten().is_none() {
        return Err(
            gitpod_core::Error::not_found("the repository has no such commit")
                .with_context("remote", &remote.url)
                .with_context("commit", revision)
                .with_hint("check the hash; a commit that was never pushed is not there"),
        );
    }
    let place = (resolved, revision);
    wanted
        .bring(&mut session, &attempt, &git_dir, answers, place)
        .await
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
    let core = "\tbare = true\n\trepositoryFormatVersion = 1\n";
    let config = format!(
        "[core]\n{core}[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = {}\n\tpromisor = true\n\
         \tpartialCloneFilter = blob:none\n",
        quoted(url)
    );
    fs::create_dir_all(path.join("objects"))?;
    fs::create_dir(path.join("refs"))?;
    fs::write(path.join("HEAD"), "ref: refs/heads/none\n")?;
    fs::write(path.join("config"), config)?;
    own_all(path, RunAs::GITPOD)
}
