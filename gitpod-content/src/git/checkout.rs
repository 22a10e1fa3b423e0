use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gitpod_core::Result;
use gitpod_core::content::{CloneTarget, GitSource, InitReport};
use gitpod_core::instance::RunAs;
use gitpod_core::job::JobOutput;

use super::History;
use super::failure::{Attempt, failure, is_disk_full, printable};
use super::refname::{check_reference, is_full_hash};
use super::remote::Remote;
use super::room::Room;
use super::tool::{Git, Session};
use super::{extra_config, head, lfs, submodules};
use crate::beneath::{self, blocking};
use crate::{InitContext, Volume};

/// Where a clone is made, below the volume's root. Nothing of it counts before it is renamed.
const STAGING: &str = ".gitpod-init";
/// The clone itself.
pub(super) const TREE: &str = ".gitpod-init/tree";
/// How many of git's complaints about files are repeated.
const MAX_COMPLAINTS: usize = 5;

/// One clone into a volume.
#[derive(Debug)]
pub(super) struct Checkout<'a> {
    pub(super) git: &'a Git,
    pub(super) volume: &'a Volume,
    pub(super) source: &'a GitSource,
    pub(super) context: &'a InitContext,
}

impl Checkout<'_> {
    /// Makes the clone, unless it is there.
    pub(super) async fn run(self) -> Result<InitReport> {
        let location = self.source.checkout_location.clone();
        beneath::check_location(&location)?;
        let mut report = InitReport::default();
        "git".clone_into(&mut report.kind);
        if self.is_there(location.clone()).await? {
            report.commit = head::on_disk(self.volume.upper.join(&location)).await?;
            return Ok(report);
        }
        check_target(&self.source.target)?;
        let remote = Remote::admit(&self.source.remote, self.context.allow_local).await?;
        self.prepare().await?;
        let made = self.make(&remote, &mut report).await;
        let placed = match made {
            Ok(()) => self.place(location).await,
            Err(error) => Err(error),
        };
        // Whatever happened: no half of a clone stays behind.
        let tidied = blocking("cannot tidy up", self.staging(), beneath::remove_all).await;
        placed.and(tidied).map(|()| report)
    }

    async fn make(&self, remote: &Remote, report: &mut InitReport) -> Result<()> {
        let room = Room::of_volume(self.volume, self.git.runner.confined());
        let mut session = self.git.online(remote).await?;
        session.enter(&room);
        session.set_timeout(self.git.config.clone_timeout());
        let tree = room.see(TREE);
        self.clone_tree(&session, remote, &tree, report).await?;
        self.check_out(&session, remote, &tree).await?;
        let host_tree = self.volume.upper.join(TREE);
        report.commit = head::commit(&session, host_tree.clone(), &tree).await?;
        self.add_upstream(&room, &tree, report).await?;
        submodules::update(self, &room, &host_tree, report).await?;
        lfs::pull(self, &session, remote, &tree, &host_tree, report).await
    }

    /// `git clone`. A file that this disk cannot hold (a name too long, a path that git refuses) is a warning.
    async fn clone_tree(
        &self,
        session: &Session<'_>,
        remote: &Remote,
        tree: &str,
        report: &mut InitReport,
    ) -> Result<()> {
        let (extra, warnings) = extra_config::arguments(&self.source.config);
        report.warnings.extend(warnings);
        let branch;
        // An empty template: no sample hooks, and a quarter of the time of a small clone.
        let mut arguments = vec![
            "clone",
            "--template=",
            "--origin=origin",
            "--no-recurse-submodules",
        ];
        arguments.extend(history(self.git.config.history));
        arguments.extend(extra.iter().map(String::as_str));
        match &self.source.target {
            CloneTarget::RemoteHead | CloneTarget::LocalBranch(_) => {}
            CloneTarget::Commit(_) => arguments.push("--no-checkout"),
            CloneTarget::Branch(name) | CloneTarget::Tag(name) => {
                branch = format!("--branch={name}");
                arguments.push(&branch);
            }
        }
        arguments.extend(["--", remote.url.as_str(), tree]);
        let attempt = self.attempt("clone the repository");
        let output = session.try_run(attempt.what, &arguments).await?;
        if output.exit.is_success() && !output.timed_out {
            return Ok(());
        }
        if !only_files_failed(&output) {
            return Err(failure(&attempt, &output));
        }
        // One file in the way keeps git from all of them; asked again, file by file, it gives the others.
        let again = [
            "-C",
            tree,
            "restore",
            "--source=HEAD",
            "--staged",
            "--worktree",
            "--",
            ":/",
        ];
        let output = session.try_run(attempt.what, &again).await?;
        if output.timed_out || is_disk_full(&String::from_utf8_lossy(&output.stderr)) {
            return Err(failure(&attempt, &output));
        }
        report.warnings.extend(left_out(&output));
        Ok(())
    }

    /// What `git clone` alone does not do for the target.
    async fn check_out(&self, session: &Session<'_>, remote: &Remote, tree: &str) -> Result<()> {
        let attempt = self.attempt("check out the revision");
        match &self.source.target {
            CloneTarget::RemoteHead | CloneTarget::Branch(_) => {}
            CloneTarget::Tag(name) => {
                // Had the remote a branch of the same name, git has preferred that one.
                let branch = format!("ref: refs/heads/{name}");
                if head::text(self.volume.upper.join(TREE)).await?.as_deref() == Some(&branch) {
                    let tag = format!("refs/tags/{name}");
                    session
                        .run(&attempt, &["-C", tree, "checkout", "--detach", &tag, "--"])
                        .await?;
                }
            }
            CloneTarget::Commit(hash) => self.check_out_commit(session, remote, tree, hash).await?,
            CloneTarget::LocalBranch(name) => {
                session
                    .run(
                        &attempt,
                        &["-C", tree, "checkout", "--no-track", "-b", name],
                    )
                    .await?;
            }
        }
        Ok(())
    }

    async fn check_out_commit(
        &self,
        session: &Session<'_>,
        remote: &Remote,
        tree: &str,
        hash: &str,
    ) -> Result<()> {
        let attempt = self.attempt("check out the commit");
        let check_out = ["-C", tree, "checkout", "--detach", hash, "--"];
        let first = session.try_run(attempt.what, &check_out).await?;
        if first.exit.is_success() {
            return Ok(());
        }
        if is_disk_full(&String::from_utf8_lossy(&first.stderr)) {
            return Err(failure(&attempt, &first));
        }
        // Not on a branch, or further back than the history that was asked for: ask for it by name.
        let mut fetch = vec!["-C", tree, "fetch", "--no-tags"];
        fetch.extend(history(self.git.config.history));
        fetch.retain(|&argument| argument != "--no-single-branch");
        fetch.extend(["origin", hash]);
        let attempt = Attempt {
            remote: Some(&remote.url),
            ..attempt
        };
        session.run(&attempt, &fetch).await?;
        session.run(&attempt, &check_out).await?;
        Ok(())
    }

    /// Best effort: a fork works without its origin.
    async fn add_upstream(&self, room: &Room, tree: &str, report: &mut InitReport) -> Result<()> {
        let Some(url) = &self.source.upstream else {
            return Ok(());
        };
        let attempt = Attempt {
            what: "fetch the upstream repository",
            remote: Some(url),
            reference: None,
        };
        let fetched = async {
            let remote = Remote::admit(url, self.context.allow_local).await?;
            let mut session = self.git.online(&remote).await?;
            session.enter(room);
            session.set_timeout(self.git.config.clone_timeout());
            session
                .run(
                    &attempt,
                    &["-C", tree, "remote", "add", "upstream", url.as_str()],
                )
                .await?;
            session
                .run(
                    &attempt,
                    &["-C", tree, "fetch", "--quiet", "--no-tags", "upstream"],
                )
                .await
        };
        if let Err(error) = fetched.await {
            if error.context().any(|(key, _)| key == "disk") {
                return Err(error);
            }
            report.warnings.push(error.to_string());
        }
        Ok(())
    }

    pub(super) fn attempt(&self, what: &'static str) -> Attempt<'_> {
        let reference = match &self.source.target {
            CloneTarget::RemoteHead | CloneTarget::LocalBranch(_) => None,
            CloneTarget::Commit(name) | CloneTarget::Branch(name) | CloneTarget::Tag(name) => {
                Some(name.as_str())
            }
        };
        Attempt {
            what,
            remote: Some(&self.source.remote),
            reference,
        }
    }

    fn staging(&self) -> PathBuf {
        self.volume.upper.join(STAGING)
    }

    async fn is_there(&self, location: String) -> Result<bool> {
        let upper = self.volume.upper.clone();
        blocking("cannot look into the volume", upper, move |upper| {
            beneath::exists(upper, &location)
        })
        .await
    }

    /// Removes what an interrupted clone left, and makes an empty staging directory.
    async fn prepare(&self) -> Result<()> {
        blocking("cannot prepare the volume", self.staging(), |staging| {
            beneath::remove_all(staging)?;
            fs::create_dir(staging)?;
            beneath::own(staging, RunAs::GITPOD)
        })
        .await
    }

    /// Gives the clone its place.
    async fn place(&self, location: String) -> Result<()> {
        let confined = self.git.runner.confined();
        let upper = self.volume.upper.clone();
        blocking("cannot put the clone into its place", upper, move |upper| {
            if !confined {
                own_tree(&upper.join(TREE))?;
            }
            beneath::place(upper, TREE, &location, RunAs::GITPOD)
        })
        .await
    }
}

/// An unconfined job ran as this process' user; the files shall have the ids seen inside all the same.
fn own_tree(tree: &Path) -> io::Result<()> {
    beneath::own_all(tree, RunAs::GITPOD)
}

fn history(history: History) -> &'static [&'static str] {
    match history {
        History::Full => &[],
        History::Blobless => &["--filter=blob:none"],
        History::Shallow => &["--depth=1", "--no-single-branch"],
    }
}

fn check_target(target: &CloneTarget) -> Result<()> {
    match target {
        CloneTarget::RemoteHead => Ok(()),
        CloneTarget::Branch(name) | CloneTarget::Tag(name) | CloneTarget::LocalBranch(name) => {
            check_reference(name)
        }
        CloneTarget::Commit(hash) if is_full_hash(hash) => Ok(()),
        CloneTarget::Commit(hash) => {
            Err(gitpod_core::Error::invalid("not the full hash of a commit")
                .with_context("commit", printable(hash))
                .with_hint("give all 40 characters of the commit's hash"))
        }
    }
}

/// Whether all that went wrong with a clone is that files could not be checked out.
fn only_files_failed(output: &JobOutput) -> bool {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let cloned = stderr.contains("Clone succeeded, but checkout failed");
    cloned && !output.timed_out && !is_disk_full(&stderr)
}

/// Git's complaints about files, as warnings.
fn left_out(output: &JobOutput) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    stderr
        .lines()
        .filter_map(|line| line.strip_prefix("error: "))
        .take(MAX_COMPLAINTS)
        .map(|line| format!("a file was left out: {}", printable(line)))
        .collect()
}
