//! Pages of the known platforms: where the repository's address ends and what the rest says.

use super::reference::{Reference, check_name, commit_hash};
use crate::{Error, Result};

/// Hosts whose repositories are `owner/name`, and answer below `name.git`.
const TWO_SEGMENTS: [&str; 5] = [
    "github.com",
    "bitbucket.org",
    "codeberg.org",
    "gitea.com",
    "gitee.com",
];
/// As above, with nested groups.
const GROUPS: [&str; 1] = ["gitlab.com"];
/// What follows a repository's address on a page about it.
const PAGES: [&str; 15] = [
    "tree",
    "blob",
    "raw",
    "blame",
    "commits",
    "commit",
    "pull",
    "pulls",
    "pull-requests",
    "merge_requests",
    "issues",
    "releases",
    "tags",
    "src",
    "branch",
];

/// Whether `host` is a platform that we know by its name.
pub(super) fn is_known(host: &str) -> bool {
    TWO_SEGMENTS.contains(&host) || GROUPS.contains(&host)
}

/// How many of `segments` are the repository's address.
///
/// On hosts nobody knows, a page is recognised only by its whole form: the repository ends with `.git`, or GitLab's `-`
/// follows, or a page's word stands third and something follows it.
pub(super) fn address_length(host: &str, segments: &[String]) -> usize {
    let is_page = |at: usize| {
        segments
            .get(at)
            .is_some_and(|s| PAGES.contains(&s.as_str()))
    };
    let dash = || (2..segments.len()).find(|at| segments[*at] == "-");
    if TWO_SEGMENTS.contains(&host) {
        return segments.len().min(2);
    }
    if GROUPS.contains(&host) {
        let page = (2..segments.len()).find(|at| segments[*at] == "-" || is_page(*at));
        return page.unwrap_or(segments.len());
    }
    let git = segments
        .iter()
        .position(|s| s.strip_suffix(".git").is_some_and(|name| !name.is_empty()));
    let git = git
        .map(|at| at + 1)
        .filter(|end| *end == segments.len() || is_page(*end) || segments[*end] == "-");
    let third = || (is_page(2) && segments.len() > 3).then_some(2);
    git.or_else(dash).or_else(third).unwrap_or(segments.len())
}

/// What the part of a page's path behind the repository's address says.
///
/// # Errors
/// A number or hash that is none, a name git cannot have, a kind of page that holds nothing to check out.
pub(super) fn reference(host: &str, rest: &[String]) -> Result<Reference> {
    let rest = match rest {
        [dash, rest @ ..] if dash == "-" => rest,
        rest => rest,
    };
    let Some((page, rest)) = rest.split_first() else {
        return Ok(Reference::Head);
    };
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (page.as_str(), words.as_slice()) {
        (_, []) => Ok(Reference::Head),
        ("commits" | "releases", ["tag", name @ ..]) | ("tags", name) => {
            Ok(Reference::Tag(check_name(&name.join("/"))?))
        }
        ("branch", name) | ("commits", ["branch", name @ ..]) => {
            Ok(Reference::Branch(check_name(&name.join("/"))?))
        }
        ("commit", [hash, ..]) | ("src", ["commit", hash, ..]) => match commit_hash(hash) {
            Some(hash) => Ok(Reference::Commit(hash)),
            None => Err(Error::invalid("not a hash of a commit")
                .with_context("commit", hash.chars().take(80).collect::<String>())
                .with_hint("a hash has 7 to 40 digits from 0 to 9 and a to f")),
        },
        ("src", ["branch" | "tag", name @ ..]) => named_with_path(name),
        ("tree" | "blob" | "raw" | "blame" | "commits" | "src", name) => named_with_path(name),
        ("pull" | "pulls" | "pull-requests" | "merge_requests", [number, ..]) => {
            pull_request(host, page, number)
        }
        ("issues", [number, ..]) => number_of(number).map(Reference::Issue),
        _ => Ok(Reference::Head),
    }
}

fn named_with_path(words: &[&str]) -> Result<Reference> {
    let Some(first) = words.first() else {
        return Ok(Reference::Head);
    };
    // A full hash is no branch's first part.
    if let Some(hash) = commit_hash(first).filter(|hash| hash.len() >= 40) {
        return Ok(Reference::Commit(hash));
    }
    if let &[name] = words {
        return Ok(Reference::Named(check_name(name)?));
    }
    // What follows the name may be a path, in which more is allowed than in a name.
    check_name(first)?;
    let names = words.iter().take_while(|word| check_name(word).is_ok());
    let names: Vec<&str> = names.copied().collect();
    Ok(Reference::NamedWithPath(names.join("/")))
}

fn pull_request(host: &str, page: &str, number: &str) -> Result<Reference> {
    let number = number_of(number)?;
    let head = match page {
        "merge_requests" => format!("refs/merge-requests/{number}/head"),
        "pull-requests" if host == "bitbucket.org" => {
            return Err(Error::unsupported(
                "pull requests of bitbucket.org cannot be opened: it offers no git reference for them",
            )
            .with_context("pull request", number)
            .with_hint("open the branch of the pull request instead"));
        }
        "pull-requests" => format!("refs/pull-requests/{number}/from"),
        _ => format!("refs/pull/{number}/head"),
    };
    Ok(Reference::PullRequest { number, head })
}

fn number_of(text: &str) -> Result<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        Error::invalid("not a number of a pull request or issue")
            .with_context("number", text.chars().take(80).collect::<String>())
            .with_hint("such an address ends with digits, as in /pull/7")
    })
}
