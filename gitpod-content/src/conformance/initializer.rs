//! Filling volumes, and asking git about them.

use std::fs;
use std::sync::Arc;

use gitpod_core::content::{CloneTarget, ContentSource, GitSource};
use gitpod_core::{Error, ErrorKind, Result};

use super::case::{Bench, Need, cases, check, refuses};
use crate::{InitContext, Volume};

cases! {
    "initializer::nothing_is_a_source" [Need::Initializer] => empty;
    "initializer::a_branch_is_cloned" [Need::Initializer] => branch;
    "initializer::a_complete_clone_is_kept" [Need::Initializer, Need::Files] => kept;
    "initializer::a_missing_branch_is_not_found" [Need::Initializer, Need::Files] => missing_branch;
    "initializer::a_missing_repository_is_not_found" [Need::Initializer] => missing_repository;
    "initializer::a_failure_leaves_nothing" [Need::Initializer, Need::Files] => nothing_left;
    "initializer::several_sources_are_one" [Need::Initializer, Need::Files] => composite;
    "initializer::a_clone_does_not_leave_the_volume" [Need::Initializer, Need::Files] => confined;
    "initializer::a_fresh_clone_is_clean" [Need::Initializer] => clean;
    "initializer::changes_are_told" [Need::Initializer, Need::Files] => dirty;
}

fn context() -> InitContext {
    InitContext { allow_local: true }
}

fn git(bench: &Bench) -> Result<GitSource> {
    Ok(GitSource::new(bench.remote()?, "repo"))
}

fn source(git: GitSource) -> ContentSource {
    ContentSource::Git(Box::new(git))
}

async fn cloned(bench: &Bench) -> Result<Volume> {
    let volume = bench.volume().await?;
    let source = source(git(bench)?);
    bench
        .initializer()?
        .init(&volume, &source, &context())
        .await?;
    Ok(volume)
}

async fn empty(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    let report = bench
        .initializer()?
        .init(&volume, &ContentSource::Empty, &context())
        .await?;
    check(report.kind == "empty" && report.commit.is_none(), || {
        format!("{report:?}")
    })
}

async fn branch(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    let source = source(git(&bench)?.with_target(CloneTarget::Branch("feature/login".to_owned())));
    let report = bench
        .initializer()?
        .init(&volume, &source, &context())
        .await?;
    let commit = report
        .commit
        .as_ref()
        .is_some_and(|commit| commit.len() == 40);
    check(report.kind == "git" && commit, || format!("{report:?}"))?;
    if bench.harness.has_files() {
        let text = fs::read_to_string(volume.upper.join("repo/README.md")).unwrap_or_default();
        check(text == "hello\n", || format!("README.md has {text:?}"))?;
    }
    Ok(())
}

async fn kept(bench: Arc<Bench>) -> Result<()> {
    let volume = cloned(&bench).await?;
    let mine = volume.upper.join("repo/mine");
    fs::write(&mine, "x").map_err(refused)?;
    let source = source(git(&bench)?);
    bench
        .initializer()?
        .init(&volume, &source, &context())
        .await?;
    bench
        .harness
        .volumes()
        .mark_initialized(&volume.workspace)
        .await?;
    let volume = bench
        .harness
        .volumes()
        .ensure(&volume.workspace, None)
        .await?;
    let broken = self::source(git(&bench)?.with_target(CloneTarget::Branch("no".to_owned())));
    // Whatever it answers: what is complete is its user's.
    let _answer = bench
        .initializer()?
        .init(&volume, &broken, &context())
        .await;
    check(mine.exists(), || String::from("a user's file is gone"))
}

async fn missing_branch(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    let source = source(git(&bench)?.with_target(CloneTarget::Branch("nope".to_owned())));
    let result = bench
        .initializer()?
        .init(&volume, &source, &context())
        .await;
    refuses(result, ErrorKind::NotFound, "a missing branch")
}

async fn missing_repository(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    let mut git = git(&bench)?;
    git.remote
        .set_path(&format!("{}-that-is-not-there", git.remote.path()));
    let result = bench
        .initializer()?
        .init(&volume, &source(git), &context())
        .await;
    refuses(result, ErrorKind::NotFound, "a missing repository")
}

async fn nothing_left(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    let mut broken = git(&bench)?.with_target(CloneTarget::Branch("nope".to_owned()));
    "second".clone_into(&mut broken.checkout_location);
    let parts = ContentSource::Composite(vec![source(git(&bench)?), source(broken)]);
    let result = bench.initializer()?.init(&volume, &parts, &context()).await;
    refuses(result, ErrorKind::NotFound, "a part that is missing")?;
    let files = fs::read_dir(&volume.upper).map_err(refused)?.count();
    check(files == 0, || format!("{files} files are left"))
}

async fn composite(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    let mut second = git(&bench)?;
    "more/second".clone_into(&mut second.checkout_location);
    let parts = ContentSource::Composite(vec![
        source(git(&bench)?),
        ContentSource::Empty,
        source(second),
    ]);
    let report = bench
        .initializer()?
        .init(&volume, &parts, &context())
        .await?;
    let there = ["repo", "more/second"]
        .iter()
        .all(|at| volume.upper.join(at).join("README.md").exists());
    check(there && report.kind == "composite", || {
        format!("{report:?}")
    })
}

async fn confined(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    for location in ["../out", "/out", "a/../../out"] {
        let mut git = git(&bench)?;
        location.clone_into(&mut git.checkout_location);
        let result = bench
            .initializer()?
            .init(&volume, &source(git), &context())
            .await;
        refuses(result, ErrorKind::InvalidInput, location)?;
    }
    Ok(())
}

async fn clean(bench: Arc<Bench>) -> Result<()> {
    let volume = cloned(&bench).await?;
    let status = bench.initializer()?.git_status(&volume, "repo").await?;
    check(
        status
            .as_ref()
            .is_some_and(gitpod_core::git::GitStatus::is_clean),
        || format!("{status:?}"),
    )
}

async fn dirty(bench: Arc<Bench>) -> Result<()> {
    let volume = cloned(&bench).await?;
    let tree = volume.upper.join("repo");
    fs::write(tree.join("README.md"), "changed\n").map_err(refused)?;
    fs::write(tree.join("new"), "x").map_err(refused)?;
    let status = bench
        .initializer()?
        .git_status(&volume, "repo")
        .await?
        .unwrap_or_default();
    let told = status.uncommitted_files == ["README.md"] && status.untracked_files == ["new"];
    check(told && status.branch == "main", || format!("{status:?}"))?;
    let none = bench
        .initializer()?
        .git_status(&volume, "elsewhere")
        .await?;
    check(none.is_none(), || {
        format!("a repository nobody made: {none:?}")
    })
}

fn refused(source: std::io::Error) -> Error {
    Error::unexpected("the volume's files cannot be used").with_source(source)
}
