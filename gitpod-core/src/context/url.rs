use std::fmt;
use std::str::FromStr;

use super::encoding::{decode, encode};
use super::host::{Hosts, Platform};
use super::page::{self, Query, View};
use super::prefix::{self, Prefix, Referrer};
use super::repository::RepositoryContext;
use super::{address, place};
use crate::{Error, PrebuildId, Result, SnapshotId};

/// Longest context URL.
pub const MAX_LENGTH: usize = 4096;

/// What a context URL means. Parse it with [`FromStr`], or with [`parse`](Self::parse) if there are installations to know
/// about; it prints in one canonical form.
///
/// Two are equal when they mean the same; [`warnings`](Self::warnings) are about the text and do not count.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ContextUrl {
    /// What it is about.
    pub subject: Subject,
    /// Environment for the workspace.
    pub env: Vec<(String, String)>,
    /// Where the link came from.
    pub referrer: Option<Referrer>,
    /// Whether the image shall be built anew.
    pub build_image: bool,
    /// The prebuild to start from, whatever else would fit.
    pub prebuild: Option<PrebuildId>,
    /// Parts that were left out, for people.
    pub warnings: Vec<String>,
}

/// What a context URL is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A state of a repository.
    Repository(Box<RepositoryContext>),
    /// The files of a workspace as they once were.
    Snapshot(SnapshotId),
}

impl ContextUrl {
    /// Reads a context URL, knowing `hosts`.
    ///
    /// # Behavior
    /// At most one prefix is taken.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): not an address, a password in it, a broken reference;
    /// [`Unsupported`](crate::ErrorKind::Unsupported): a scheme or prefix whose meaning is not supported. Each with a hint.
    pub fn parse(text: &str, hosts: &Hosts) -> Result<Self> {
        if text.len() > MAX_LENGTH {
            return Err(Error::invalid("the context URL is too long")
                .with_context("bytes", text.len())
                .with_hint(format!("an address has at most {MAX_LENGTH} bytes")));
        }
        let text = text.trim().trim_start_matches(['/', '#']);
        if let Some(id) = text.strip_prefix("snapshot/") {
            let id = prefix::id_of(id.trim_end_matches('/'))?;
            return Ok(Self::about(Subject::Snapshot(id), Prefix::default()));
        }
        let (prefix, text) = prefix::take(text)?;
        let repository = repository(text, hosts)?;
        Ok(Self::about(
            Subject::Repository(Box::new(repository)),
            prefix,
        ))
    }

    fn about(subject: Subject, prefix: Prefix) -> Self {
        Self {
            subject,
            env: prefix.env,
            referrer: prefix.referrer,
            build_image: prefix.build_image,
            prebuild: prefix.prebuild,
            warnings: prefix.warnings,
        }
    }

    /// The repository it is about.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported): it is about a snapshot.
    pub fn repository(&self) -> Result<&RepositoryContext> {
        match &self.subject {
            Subject::Repository(repository) => Ok(repository),
            Subject::Snapshot(id) => Err(Error::unsupported("a snapshot is not a repository")
                .with_context("snapshot", id)
                .with_hint("open the repository itself")),
        }
    }

    /// For people: `owner/name @ branch`.
    pub fn title(&self) -> String {
        match &self.subject {
            Subject::Repository(repository) => repository.title(),
            Subject::Snapshot(id) => format!("snapshot {id}"),
        }
    }

    fn meaning(&self) -> impl PartialEq + '_ {
        let Self {
            subject,
            env,
            referrer,
            build_image,
            prebuild,
            warnings: _,
        } = self;
        (subject, env, referrer, build_image, prebuild)
    }
}

impl PartialEq for ContextUrl {
    fn eq(&self, other: &Self) -> bool {
        self.meaning() == other.meaning()
    }
}

impl Eq for ContextUrl {}

impl FromStr for ContextUrl {
    type Err = Error;

    /// Reads a context URL, knowing the public platforms.
    ///
    /// # Errors
    /// See [`ContextUrl::parse`].
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text, &Hosts::new())
    }
}

fn repository(text: &str, hosts: &Hosts) -> Result<RepositoryContext> {
    let mut url = address::parse(text)?;
    let fragment = url.fragment().filter(|f| !f.is_empty()).map(str::to_owned);
    url.set_fragment(None);
    if url.scheme().starts_with("http") {
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
    }
    let query = Query::of(&url);
    let mut place = place::find(&url, hosts)?;
    let words: Vec<&str> = place.rest.iter().map(String::as_str).collect();
    let mut view = page::view(place.platform, &words, &query)?;
    // Behind a page's path a fragment is a line or a heading.
    if let (Some(name), true) = (fragment, view.is_bare()) {
        view = page::from_fragment(&decode(&name).unwrap_or(name))?.into();
        if place.is_guess {
            place.platform = Platform::Git;
        }
    }
    if place.is_guess && view.is_bare() {
        place.platform = Platform::Git;
    }
    let View {
        reference,
        path,
        is_file,
    } = view;
    Ok(RepositoryContext {
        platform: place.platform,
        clone_url: place.clone_url,
        web_url: place.web_url,
        owner: place.owner,
        name: place.name,
        reference,
        path,
        is_file,
    })
}

impl fmt::Display for RepositoryContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let view = View {
            reference: self.reference.clone(),
            path: self.path.clone(),
            is_file: self.is_file,
        };
        let home = match (&self.web_url, self.platform) {
            // What looks like its clone URL may be one of another server; its pages would not be there.
            (None, _) | (_, Platform::BitbucketServer) => &self.clone_url,
            (Some(web), _) => web,
        };
        let page = self.web_url.as_ref().and_then(|web| {
            let page = page::address(self.platform, &view).filter(|_| !view.is_bare())?;
            Some(page.below(web))
        });
        match (page, page::to_fragment(&self.reference)) {
            (Some(page), _) => write!(f, "{page}"),
            (None, Some(fragment)) => write!(f, "{home}#{}", encode(&fragment)),
            // Every page about a repository is one of it, too.
            (None, None) => write!(f, "{home}"),
        }
    }
}

impl fmt::Display for ContextUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = Prefix {
            env: self.env.clone(),
            referrer: self.referrer.clone(),
            build_image: self.build_image,
            prebuild: self.prebuild,
            warnings: Vec::new(),
        };
        match &self.subject {
            Subject::Repository(repository) => write!(f, "{prefix}{repository}"),
            Subject::Snapshot(id) => write!(f, "snapshot/{id}"),
        }
    }
}
