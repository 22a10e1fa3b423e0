//! What a page's form tells about its platform, on hosts that nobody named.

use super::host::Platform;

/// A platform, and how many segments of the path are the repository's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) platform: Platform,
    pub(super) length: usize,
}

/// Recognises a page by its whole form only: Azure's `_git`, the repository ends with `.git` and a page's word follows, GitLab's
/// `-`, or a page's word stands third and something follows it.
pub(super) fn page(segments: &[String]) -> Option<Guess> {
    let word = |at: usize| segments.get(at).map(String::as_str);
    let at = |length: usize| {
        let next = word(length + 1).unwrap_or_default();
        let platform = speaker(word(length)?, next)?;
        Some(Guess { platform, length })
    };
    if let Some(marker) = segments.iter().position(|s| s == "_git") {
        let length = marker + 2;
        let platform = Platform::AzureDevops;
        return (marker > 0 && length <= segments.len()).then_some(Guess { platform, length });
    }
    let is_git = |s: &String| s.strip_suffix(".git").is_some_and(|name| !name.is_empty());
    if let Some(repository) = segments.iter().position(is_git) {
        return at(repository + 1);
    }
    let dash = (2..segments.len()).find(|at| segments[*at] == "-");
    dash.or_else(|| (segments.len() > 3).then_some(2))
        .and_then(at)
}

/// Whose pages have this word behind the repository's address.
fn speaker(word: &str, next: &str) -> Option<Platform> {
    match (word, next) {
        ("-" | "merge_requests" | "tags", _) => Some(Platform::Gitlab),
        ("src" | "pulls", _) | ("raw" | "blame" | "commits", "branch" | "tag" | "commit") => {
            Some(Platform::Gitea)
        }
        (
            "tree" | "blob" | "raw" | "blame" | "edit" | "commits" | "commit" | "pull" | "issues"
            | "releases" | "compare",
            _,
        ) => Some(Platform::Github),
        _ => None,
    }
}

/// Where in the path of Bitbucket Server its own part begins: `scm/K/r.git`, `projects/K/repos/r`, `users/u/repos/r`.
pub(super) fn bitbucket_server(segments: &[String]) -> Option<usize> {
    let is_clone = |part: &[String]| {
        let name = part[2].strip_suffix(".git");
        part[0] == "scm" && name.is_some_and(|name| !name.is_empty())
    };
    let is_page =
        |part: &[String]| matches!(part[0].as_str(), "projects" | "users") && part[2] == "repos";
    let clone = segments.windows(3).position(is_clone);
    clone.or_else(|| segments.windows(4).position(is_page))
}
