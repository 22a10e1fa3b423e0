use super::resolve::RefKind;
use crate::{Error, Result};

/// Most readings of a name with slashes that are offered: deeper branch names do not occur, deeper paths do.
const MAX_CANDIDATES: usize = 8;
/// Longest name of a branch or tag.
const MAX_NAME: usize = 255;

/// Which state of the repository is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reference {
    /// Whatever the remote's `HEAD` names.
    Head,
    /// A branch, tag or commit of this name.
    Named(String),
    /// The name of a branch, tag or commit, perhaps followed by the path of a file or directory.
    NamedWithPath(String),
    /// A branch.
    Branch(String),
    /// The name of a branch, perhaps followed by a path.
    BranchWithPath(String),
    /// A tag.
    Tag(String),
    /// The name of a tag, perhaps followed by a path.
    TagWithPath(String),
    /// A commit, by its hash, in lower case and perhaps shortened.
    Commit(String),
    /// A pull or merge request.
    PullRequest {
        /// Its number.
        number: u64,
        /// The remote's reference that holds its commits; `None` where the platform offers none and only its API can tell.
        head: Option<String>,
    },
    /// An issue: the remote's `HEAD`, to start a branch from.
    Issue(u64),
    /// A comparison: `head` is what is looked at.
    Compare {
        /// With what; `None`: the remote's `HEAD`.
        base: Option<String>,
        /// A branch, tag or commit.
        head: String,
    },
}

impl Reference {
    /// The names to ask the remote for, the first that exists is meant; empty for the remote's `HEAD`.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported): git alone cannot get at it (a pull request of bitbucket.org).
    pub fn candidates(&self) -> Result<Vec<String>> {
        Ok(match self {
            Self::Head | Self::Issue(_) => Vec::new(),
            Self::Named(name)
            | Self::Branch(name)
            | Self::Tag(name)
            | Self::Commit(name)
            | Self::Compare { head: name, .. }
            | Self::PullRequest {
                head: Some(name), ..
            } => vec![name.clone()],
            Self::PullRequest { number, head: None } => {
                return Err(Error::unsupported(
                    "the pull request cannot be opened: its platform offers no git reference for it",
                )
                .with_context("pull request", number)
                .with_hint("open the branch of the pull request instead"));
            }
            Self::NamedWithPath(text) | Self::BranchWithPath(text) | Self::TagWithPath(text) => {
                readings(text)
            }
        })
    }

    /// The name and path that are run together, and the kind of name if that is known.
    pub(super) fn unsettled(&self) -> Option<(&str, Option<RefKind>)> {
        match self {
            Self::NamedWithPath(text) => Some((text, None)),
            Self::BranchWithPath(text) => Some((text, Some(RefKind::Branch))),
            Self::TagWithPath(text) => Some((text, Some(RefKind::Tag))),
            Self::Head
            | Self::Named(_)
            | Self::Branch(_)
            | Self::Tag(_)
            | Self::Commit(_)
            | Self::PullRequest { .. }
            | Self::Issue(_)
            | Self::Compare { .. } => None,
        }
    }

    /// The local branch to make, for contexts that are there to start one.
    pub fn local_branch(&self) -> Option<String> {
        match self {
            Self::Issue(number) => Some(super::issue_branch("", "", *number)),
            _ => None,
        }
    }

    /// For people; empty for the remote's `HEAD`.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Head => String::new(),
            Self::Named(name)
            | Self::NamedWithPath(name)
            | Self::Branch(name)
            | Self::BranchWithPath(name)
            | Self::Tag(name)
            | Self::TagWithPath(name)
            | Self::Compare { head: name, .. } => format!(" @ {name}"),
            Self::Commit(hash) => format!(" @ {}", hash.get(..12).unwrap_or(hash)),
            Self::PullRequest { number, .. } | Self::Issue(number) => format!(" #{number}"),
        }
    }
}

/// The beginnings of `text` that may be names, the longest first.
fn readings(text: &str) -> Vec<String> {
    let ends = text.match_indices('/').map(|(at, _)| at);
    let mut names: Vec<String> = ends
        .chain([text.len()])
        .take(MAX_CANDIDATES)
        .map_while(|end| check_name(&text[..end]).ok())
        .collect();
    names.reverse();
    names
}

/// Checks that git could have a branch or tag of this name, and that it cannot be taken for an option.
pub(super) fn check_name(name: &str) -> Result<String> {
    let part = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && part.strip_suffix(".lock").is_none()
    };
    let valid = name.len() <= MAX_NAME
        && !name.starts_with('-')
        && !name.ends_with('.')
        && name != "@"
        && !name.contains("..")
        && !name.contains("@{")
        && !name.contains(|c: char| c.is_control() || " ~^:?*[\\".contains(c))
        && name.split('/').all(part);
    if valid {
        return Ok(name.to_owned());
    }
    Err(Error::invalid("not a name of a branch, tag or commit")
        .with_context(
            "reference",
            name.escape_debug().take(80).collect::<String>(),
        )
        .with_hint("take the name as `git branch` or `git tag` shows it"))
}

/// A hash of a commit: 7 to 40 (SHA-1) or 64 (SHA-256) digits.
pub(super) fn commit_hash(text: &str) -> Option<String> {
    let length = matches!(text.len(), 7..=40 | 64);
    (length && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
}

/// A whole hash, which nobody has as a branch's name.
pub(super) fn full_hash(text: &str) -> Option<String> {
    commit_hash(text).filter(|hash| hash.len() >= 40)
}
