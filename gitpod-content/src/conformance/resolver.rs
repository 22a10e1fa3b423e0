//! resolve.

use std::sync::Arc;

use gitpod_core::content::CloneTarget;
use gitpod_core::{ErrorKind, Result};

use super::case::{Bench, Need, cases, check, refuses};
use crate::{ResolveOptions, Resolved};

cases! {
    "resolver::no_name_is_the_default_branch" [Need::Resolver] => default;
    "resolver::files_come_along" [Need::Resolver] => files;
    "resolver::a_star_stands_for_any_name" [Need::Resolver] => star;
    "resolver::other_files_come_along_when_those_asked_for_are_not_there" [Need::Resolver] => otherwise;
    "resolver::a_branch_is_a_branch" [Need::Resolver] => branch;
    "resolver::a_missing_name_is_not_found_and_others_are_named" [Need::Resolver] => missing;
    "resolver::a_missing_repository_is_not_found" [Need::Resolver] => nowhere;
    "resolver::options_are_not_names" [Need::Resolver] => options_in_disguise;
}

fn options(files: &[&str]) -> ResolveOptions {
    ResolveOptions {
        allow_local: true,
        files: files.iter().map(|&file| file.to_owned()).collect(),
        ..ResolveOptions::default()
    }
}

async fn resolve(bench: &Bench, name: Option<&str>, files: &[&str]) -> Result<Resolved> {
    let remote = bench.remote()?;
    bench
        .resolver()?
        .resolve(&remote, name, &options(files))
        .await
}

async fn default(bench: Arc<Bench>) -> Result<()> {
    let resolved = resolve(&bench, None, &[]).await?;
    let target = match &resolved.target {
        CloneTarget::RemoteHead => true,
        CloneTarget::Branch(name) => name == "main",
        CloneTarget::Commit(_) | CloneTarget::Tag(_) | CloneTarget::LocalBranch(_) => false,
    };
    let rest = resolved.default_branch.as_deref() == Some("main") && resolved.revision.is_some();
    check(target && rest, || format!("{resolved:?}"))
}

async fn files(bench: Arc<Bench>) -> Result<()> {
    let resolved = resolve(&bench, None, &[".gitpod.yml", "not-there"]).await?;
    let right = matches!(resolved.files.as_slice(), [file] if file.path == ".gitpod.yml" && file.content == b"tasks: []\n");
    check(right, || format!("{resolved:?}"))
}

async fn star(bench: Arc<Bench>) -> Result<()> {
    let resolved = resolve(&bench, None, &["no*.md", "READ*.md", "*/x"]).await?;
    let right = matches!(resolved.files.as_slice(), [file] if file.path == "README.md" && file.content == b"hello\n");
    check(right && resolved.listing.is_empty(), || {
        format!("{resolved:?}")
    })
}

async fn otherwise(bench: Arc<Bench>) -> Result<()> {
    for (asked, is_there) in [("not-there", false), (".gitpod.yml", true)] {
        let mut options = options(&[asked]);
        options.otherwise.directories = vec![String::new(), String::from("no-directory")];
        options.otherwise.files = vec![String::from("*.md"), String::from("none")];
        let remote = bench.remote()?;
        let resolved = bench.resolver()?.resolve(&remote, None, &options).await?;
        let brought: Vec<&str> = resolved.files.iter().map(|f| f.path.as_str()).collect();
        let listed = resolved.listing.iter().any(|path| path == "README.md");
        let expected = if is_there { ".gitpod.yml" } else { "README.md" };
        check(brought == [expected] && listed != is_there, || {
            format!("{asked}: {resolved:?}")
        })?;
    }
    Ok(())
}

async fn branch(bench: Arc<Bench>) -> Result<()> {
    let resolved = resolve(&bench, Some("feature/login"), &[]).await?;
    let target = CloneTarget::Branch("feature/login".to_owned());
    check(
        resolved.target == target && resolved.revision.is_some(),
        || format!("{resolved:?}"),
    )
}

async fn missing(bench: Arc<Bench>) -> Result<()> {
    let result = resolve(&bench, Some("feature/logn"), &[]).await;
    let hint = result
        .as_ref()
        .err()
        .and_then(|error| error.hint())
        .unwrap_or_default();
    check(hint.contains("feature/login"), || {
        format!("the hint does not name what is there: {hint:?}")
    })?;
    refuses(result, ErrorKind::NotFound, "a missing branch")
}

async fn nowhere(bench: Arc<Bench>) -> Result<()> {
    let mut remote = bench.remote()?;
    remote.set_path(&format!("{}-that-is-not-there", remote.path()));
    let result = bench
        .resolver()?
        .resolve(&remote, None, &options(&[]))
        .await;
    refuses(result, ErrorKind::NotFound, "a missing repository")
}

async fn options_in_disguise(bench: Arc<Bench>) -> Result<()> {
    for name in ["--upload-pack=id", "-x", "a..b", "a b"] {
        let result = resolve(&bench, Some(name), &[]).await;
        check(result.is_err(), || format!("{name} was taken for a name"))?;
    }
    Ok(())
}
