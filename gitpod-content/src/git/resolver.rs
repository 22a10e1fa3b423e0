use std::sync::Arc;

use async_trait::async_trait;
use gitpod_core::content::CloneTarget;
use gitpod_core::job::JobRunner;
use gitpod_core::{Error, Result};
use url::Url;

use super::GitConfig;
use super::at_hand;
use super::failure::{Attempt, no_repository};
use super::ls_remote::{Advertised, Meaning};
use super::read_files::read_files;
use super::refname::{check_reference, is_short_hash};
use super::remote::Remote;
use super::tool::{Git, Session};
use super::wanted::Wanted;
use crate::{ContextResolver, ResolveOptions, Resolved};

/// Longest list of references that is looked at.
const MAX_LISTING: usize = 8 << 20;

/// Asks any git server, by `git ls-remote` and a shallow fetch.
#[derive(Debug, Clone)]
pub struct GitResolver {
    git: Git,
}

impl GitResolver {
    /// Asks by jobs of `runner`.
    pub fn new(config: GitConfig, runner: Arc<dyn JobRunner>) -> Self {
        Self {
            git: Git { runner, config },
        }
    }
}

#[async_trait]
impl ContextResolver for GitResolver {
    async fn resolve(
        &self,
        remote: &Url,
        reference: Option<&str>,
        options: &ResolveOptions,
    ) -> Result<Resolved> {
        if let Some(reference) = reference {
            check_reference(reference)?;
        }
        let wanted = Wanted::of(options)?;
        let remote = Remote::admit(remote, options.allow_local).await?;
        if let Some(found) = at_hand::resolve(&self.git, &remote, reference, &wanted).await? {
            return Ok(found);
        }
        let mut session = self.git.online(&remote).await?;
        session.set_max_output(MAX_LISTING);
        let (advertised, meaning) = match reference {
            None => default(&mut session, &remote).await?,
            Some(reference) => named(&session, &remote, reference).await?,
        };
        let mut resolved = Resolved::new(meaning.target);
        resolved.default_branch = advertised.head_branch;
        if let Some(revision) = meaning.revision {
            if !wanted.is_empty() {
                let what = (&wanted, &mut resolved);
                read_files(session, &remote, &revision, reference, what).await?;
            }
            resolved.revision = Some(revision);
        }
        Ok(resolved)
    }
}

async fn default(session: &mut Session<'_>, remote: &Remote) -> Result<(Advertised, Meaning)> {
    let listed = list(session, remote, None, &["HEAD"]).await?;
    if let Some(meaning) = listed.default_meaning() {
        return Ok((listed, meaning));
    }
    let all = list(session, remote, None, &[]).await?;
    if all.is_empty() {
        speaks_git(session, remote).await?;
    }
    let meaning = all.default_meaning().unwrap_or(Meaning {
        target: CloneTarget::RemoteHead,
        revision: None,
    });
    Ok((all, meaning))
}

async fn named(
    session: &Session<'_>,
    remote: &Remote,
    reference: &str,
) -> Result<(Advertised, Meaning)> {
    let (branch, tag, peeled) = (
        format!("refs/heads/{reference}"),
        format!("refs/tags/{reference}"),
        format!("refs/tags/{reference}^{{}}"),
    );
    // As it is, for names that are full already.
    let full = format!("{reference}^{{}}");
    let mut patterns = vec!["HEAD", &branch, &tag, &peeled];
    if reference.starts_with("refs/") {
        patterns = vec!["HEAD", reference, &full];
    }
    let listed = list(session, remote, Some(reference), &patterns).await?;
    if let Some(meaning) = listed.meaning_of(reference) {
        return Ok((listed, meaning));
    }
    let all = list(session, remote, Some(reference), &[]).await?;
    match all.meaning_of(reference) {
        Some(meaning) => Ok((all, meaning)),
        None => Err(missing(&all, remote, reference)),
    }
}

/// Fails unless something that speaks git answers: git takes any page of a single line for the list of an empty repository.
async fn speaks_git(session: &mut Session<'_>, remote: &Remote) -> Result<()> {
    if !remote.url.scheme().starts_with("http") {
        return Ok(());
    }
    let attempt = listing(remote, None);
    session.set_traced(true);
    let output = session
        .run(&attempt, &["ls-remote", "--", remote.url.as_str()])
        .await?;
    session.set_traced(false);
    let packet = b"packet:";
    if output.stderr.windows(packet.len()).any(|w| w == packet) {
        return Ok(());
    }
    Err(no_repository(&attempt, &remote.url))
}

fn listing<'a>(remote: &'a Remote, reference: Option<&'a str>) -> Attempt<'a> {
    Attempt {
        what: "read the repository's branches",
        remote: Some(&remote.url),
        reference,
    }
}

async fn list(
    session: &Session<'_>,
    remote: &Remote,
    reference: Option<&str>,
    patterns: &[&str],
) -> Result<Advertised> {
    let attempt = listing(remote, reference);
    let mut arguments = vec!["ls-remote", "--symref", "--", remote.url.as_str()];
    arguments.extend(patterns);
    let output = session.run(&attempt, &arguments).await?;
    Ok(Advertised::parse(&output.stdout))
}

fn missing(all: &Advertised, remote: &Remote, reference: &str) -> Error {
    let near = all.nearest(reference);
    let hint = if is_short_hash(reference) && near.is_empty() {
        String::from("if it is a commit, give its full hash (40 characters)")
    } else if !near.is_empty() {
        format!("did you mean {}?", near.join(" or "))
    } else {
        match all.some_branches().as_slice() {
            [] => String::from("the repository has no branches yet: leave the name out"),
            some => format!("branches that are there: {}", some.join(", ")),
        }
    };
    Error::not_found("the repository has no such branch or tag")
        .with_context("remote", &remote.url)
        .with_context("reference", reference)
        .with_hint(hint)
}
