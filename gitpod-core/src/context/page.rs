//! Pages about a repository: what the part behind its address says, and that part for what is meant.

use url::Url;

use super::encoding::encode;
use super::host::Platform;
use super::platform::{azure, bitbucket, bitbucket_server, gitea, github, gitlab};
use super::reference::{Reference, check_name, commit_hash, full_hash};
use crate::{Error, Result};

/// What a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) reference: Reference,
    pub(super) path: Option<String>,
    pub(super) is_file: bool,
}

impl From<Reference> for View {
    fn from(reference: Reference) -> Self {
        Self {
            reference,
            path: None,
            is_file: false,
        }
    }
}

impl View {
    pub(super) const HEAD: Self = Self {
        reference: Reference::Head,
        path: None,
        is_file: false,
    };

    /// Whether nothing is said but which repository.
    pub(super) fn is_bare(&self) -> bool {
        self.reference == Reference::Head && self.path.is_none()
    }

    /// This page of the file or directory at `words`.
    pub(super) fn at(mut self, words: &[&str]) -> Result<Self> {
        self.path = path(words)?;
        Ok(self)
    }
}

/// Where a page is: behind the repository's address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PageAddress {
    /// Not yet encoded.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
}

impl PageAddress {
    pub(super) fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            query: Vec::new(),
        }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// The whole address.
    pub(super) fn below(&self, repository: &Url) -> Url {
        let mut url = repository.clone();
        if !self.path.is_empty() {
            let base = url.path().trim_end_matches('/').to_owned();
            url.set_path(&format!("{base}/{}", encode(&self.path)));
        }
        if !self.query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (key, value) in &self.query {
                pairs.append_pair(key, value);
            }
        }
        url
    }
}

/// What the pairs behind the question mark say.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(url: &Url) -> Self {
        let own = |(key, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            (key.into_owned(), value.into_owned())
        };
        Self(url.query_pairs().map(own).collect())
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// What a page of `platform` says, from the words of its path behind the repository's address.
pub(super) fn view(platform: Platform, words: &[&str], query: &Query) -> Result<View> {
    match platform {
        Platform::Github => github::view(words),
        Platform::Gitlab => gitlab::view(words, query),
        Platform::Bitbucket => bitbucket::view(words, query),
        Platform::BitbucketServer => bitbucket_server::view(words, query),
        Platform::AzureDevops => azure::view(words, query),
        Platform::Gitea => gitea::view(words),
        Platform::Git => Ok(View::HEAD),
    }
}

/// The page of `platform` that says this; `None` when it has none.
pub(super) fn address(platform: Platform, view: &View) -> Option<PageAddress> {
    if view.is_bare() {
        return Some(PageAddress::default());
    }
    match platform {
        Platform::Github => github::address(view),
        Platform::Gitlab => gitlab::address(view),
        Platform::Bitbucket => bitbucket::address(view),
        Platform::BitbucketServer => bitbucket_server::address(view),
        Platform::AzureDevops => azure::address(view),
        Platform::Gitea => gitea::address(view),
        Platform::Git => None,
    }
}

/// What stands behind `#`, for any repository.
pub(super) fn from_fragment(text: &str) -> Result<Reference> {
    if let Some(hash) = full_hash(text) {
        return Ok(Reference::Commit(hash));
    }
    if text == "HEAD" {
        return Ok(Reference::Head);
    }
    if let Some(name) = text.strip_prefix("refs/heads/") {
        return check_name(name).map(Reference::Branch);
    }
    if let Some(name) = text.strip_prefix("refs/tags/") {
        return check_name(name).map(Reference::Tag);
    }
    check_name(text).map(Reference::Named)
}

/// What to put behind `#`; `None` when only a page could say it.
pub(super) fn to_fragment(reference: &Reference) -> Option<String> {
    match reference {
        Reference::Branch(name) => Some(format!("refs/heads/{name}")),
        Reference::Tag(name) => Some(format!("refs/tags/{name}")),
        Reference::Named(name) | Reference::Commit(name) => Some(name.clone()),
        Reference::Head
        | Reference::NamedWithPath(_)
        | Reference::BranchWithPath(_)
        | Reference::TagWithPath(_)
        | Reference::PullRequest { .. }
        | Reference::Issue(_)
        | Reference::Compare { .. } => None,
    }
}

/// `HEAD`, a whole hash, or a name; behind it perhaps a path.
pub(super) fn named(words: &[&str], is_file: bool) -> Result<View> {
    let view = match words {
        [] => return Ok(View::HEAD),
        ["HEAD", rest @ ..] => View::HEAD.at(rest)?,
        [first, rest @ ..] if full_hash(first).is_some() => {
            let hash = full_hash(first).unwrap_or_default();
            View::from(Reference::Commit(hash)).at(rest)?
        }
        [name] => Reference::Named(check_name(name)?).into(),
        words => Reference::NamedWithPath(name_and_path(words)?).into(),
    };
    Ok(view.of_file(is_file))
}

/// As [`named`], of a branch or a tag.
pub(super) fn named_as(
    words: &[&str],
    is_file: bool,
    whole: fn(String) -> Reference,
    with_path: fn(String) -> Reference,
) -> Result<View> {
    let reference = match words {
        [] => return Ok(View::HEAD),
        [name] => whole(check_name(name)?),
        words => with_path(name_and_path(words)?),
    };
    Ok(View::from(reference).of_file(is_file))
}

impl View {
    /// Only what may have a path can be about a file.
    fn of_file(mut self, is_file: bool) -> Self {
        let may_have_path = self.path.is_some() || self.reference.unsettled().is_some();
        self.is_file = is_file && may_have_path;
        self
    }
}

fn name_and_path(words: &[&str]) -> Result<String> {
    // What follows the name may be a path, in which more is allowed than in a name.
    check_name(words.first().copied().unwrap_or_default())?;
    Ok(path(words)?.unwrap_or_default())
}

/// A path below the repository; `None` when it is the repository itself.
pub(super) fn path(words: &[&str]) -> Result<Option<String>> {
    let unfit =
        |word: &&&str| matches!(**word, "." | ".." | ".git") || word.contains(char::is_control);
    if let Some(word) = words.iter().find(unfit) {
        return Err(Error::invalid("not a path inside a repository")
            .with_context("path", word.escape_debug().take(80).collect::<String>())
            .with_hint("paste the address of a file or directory as the browser shows it"));
    }
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    Ok((!words.is_empty()).then(|| words.join("/")))
}

/// A commit by the hash that a page names.
pub(super) fn commit(hash: &str) -> Result<Reference> {
    commit_hash(hash).map(Reference::Commit).ok_or_else(|| {
        Error::invalid("not a hash of a commit")
            .with_context("commit", hash.chars().take(80).collect::<String>())
            .with_hint("a hash has 7 to 40 digits from 0 to 9 and a to f")
    })
}

/// A whole name, slashes and all.
pub(super) fn whole_name(words: &[&str]) -> Result<String> {
    check_name(&words.join("/"))
}

/// Number of a pull request or issue.
pub(super) fn number(text: &str) -> Result<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        Error::invalid("not a number of a pull request or issue")
            .with_context("number", text.chars().take(80).collect::<String>())
            .with_hint("such an address ends with digits, as in /pull/7")
    })
}

/// A pull request whose commits the remote offers as `{before}/{number}/{after}`.
pub(super) fn pull_request(text: &str, before: &str, after: &str) -> Result<View> {
    let number = number(text)?;
    let head = Some(format!("{before}/{number}/{after}"));
    Ok(Reference::PullRequest { number, head }.into())
}

/// `base...head`, `base..head`, or `head` alone.
pub(super) fn compare(words: &[&str]) -> Result<View> {
    let range = words.join("/");
    let (base, head) = match range.split_once("...").or_else(|| range.split_once("..")) {
        Some((base, head)) => (Some(check_name(base)?), head),
        None => (None, range.as_str()),
    };
    if head.contains(':') {
        return Err(Error::unsupported(
            "a comparison with a branch of another repository cannot be opened",
        )
        .with_context("branch", head.chars().take(80).collect::<String>())
        .with_hint("open that branch in the repository where it is"));
    }
    let head = check_name(head)?;
    Ok(Reference::Compare { base, head }.into())
}

/// The range of a comparison, as most platforms write it.
pub(super) fn range(base: Option<&String>, head: &str) -> String {
    match base {
        Some(base) => format!("{base}...{head}"),
        None => head.to_owned(),
    }
}
