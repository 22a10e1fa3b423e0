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
    /// A tag.
    Tag(String),
    /// A commit, by its hash, in lower case and perhaps shortened.
    Commit(String),
    /// A pull or merge request.
    PullRequest {
        /// Its number.
        number: u64,
        /// The remote's reference that holds its commits.
        head: String,
    },
    /// An issue: the remote's `HEAD`, to start a branch from.
    Issue(u64),
}

impl Reference {
    /// The names to ask the remote for, the first that exists is meant; empty for the remote's `HEAD`.
    pub fn candidates(&self) -> Vec<String> {
        match self {
            Self::Head | Self::Issue(_) => Vec::new(),
            Self::Named(name) | Self::Branch(name) | Self::Tag(name) | Self::Commit(name) => {
                vec![name.clone()]
            }
            Self::PullRequest { head, .. } => vec![head.clone()],
            Self::NamedWithPath(text) => {
                let ends = text
                    .match_indices('/')
                    .map(|(at, _)| at)
                    .chain([text.len()]);
                let mut names: Vec<String> = ends
                    .take(MAX_CANDIDATES)
                    .map(|end| text[..end].to_owned())
                    .collect();
                names.reverse();
                names
            }
        }
    }

    /// The local branch to make, for contexts that are there to start one.
    pub fn local_branch(&self) -> Option<String> {
        match self {
            Self::Issue(number) => Some(format!("issue-{number}")),
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
            | Self::Tag(name) => format!(" @ {name}"),
            Self::Commit(hash) => format!(" @ {}", hash.get(..12).unwrap_or(hash)),
            Self::PullRequest { number, .. } | Self::Issue(number) => format!(" #{number}"),
        }
    }
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
