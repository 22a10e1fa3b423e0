//! Where the repository is: which part of an address names it, and who serves it.

use url::Url;

use super::encoding::{decode, encode};
use super::host::{Found, Hosts, Platform, is_visual_studio};
use super::{address, guess};
use crate::{Error, Result};

/// A repository, and what of the address is left for the page.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) platform: Platform,
    pub(super) clone_url: Url,
    pub(super) web_url: Option<Url>,
    pub(super) owner: String,
    pub(super) name: String,
    /// Words of the page.
    pub(super) rest: Vec<String>,
    /// Whether only the page's form tells the platform: without a page nothing does.
    pub(super) is_guess: bool,
}

/// Words of the pages of GitLab that older versions put right behind the repository's address.
const GITLAB_WORDS: [&str; 10] = [
    "tree",
    "blob",
    "raw",
    "blame",
    "commits",
    "commit",
    "merge_requests",
    "issues",
    "tags",
    "compare",
];

/// Finds the repository in `url`, which has neither fragment nor credentials.
///
/// # Errors
/// There is none, or its name could not be one.
pub(super) fn find(url: &Url, hosts: &Hosts) -> Result<Place> {
    let raw: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    let decoded: Option<Vec<String>> = raw.iter().map(|s| decode(s)).collect();
    let segments = decoded.ok_or_else(|| broken(url))?;
    let found = hosts.find(url);
    let mut bare = url.clone();
    bare.set_query(None);
    let url = &bare;
    if !url.scheme().starts_with("http") {
        let platform = found.map_or(Platform::Git, |found| found.platform);
        return without_pages(url, platform, &segments);
    }
    let Some(Found { platform, prefix }) = found else {
        return unknown(url, &raw, &segments);
    };
    let own = &segments[prefix..];
    match platform {
        Platform::Github | Platform::Gitea | Platform::Bitbucket => {
            known(url, platform, &segments, prefix, own.len().min(2))
        }
        Platform::Gitlab => {
            let ends = |at: &usize| own[*at] == "-" || GITLAB_WORDS.contains(&own[*at].as_str());
            let length = (2..own.len()).find(ends).unwrap_or(own.len());
            known(url, platform, &segments, prefix, length)
        }
        Platform::BitbucketServer => {
            let start = guess::bitbucket_server(own).ok_or_else(|| nameless(url))?;
            bitbucket_server(url, &segments, prefix + start)
        }
        Platform::AzureDevops => azure(url, &segments, prefix),
        Platform::Git => as_written(url, Platform::Git, &raw, &segments, segments.len()),
    }
}

/// A clone URL that is none of a page.
fn without_pages(url: &Url, platform: Platform, segments: &[String]) -> Result<Place> {
    let (name, mut owner) = split(url, segments)?;
    // ssh://git@ssh.dev.azure.com/v3/organization/project/repository
    if platform == Platform::AzureDevops && owner.first().is_some_and(|s| s == "v3") {
        owner = &owner[1..];
    }
    if url.scheme() == "file" {
        owner = &[];
    }
    Ok(Place {
        platform,
        clone_url: url.clone(),
        web_url: None,
        owner: owner.join("/"),
        name,
        rest: Vec::new(),
        is_guess: false,
    })
}

/// On a host nobody named: a page by its form, or a clone URL as it is written.
fn unknown(url: &Url, raw: &[&str], segments: &[String]) -> Result<Place> {
    if let Some(start) = guess::bitbucket_server(segments) {
        return bitbucket_server(url, segments, start);
    }
    match guess::page(segments) {
        Some(guess) => {
            let mut place = as_written(url, guess.platform, raw, segments, guess.length)?;
            place.is_guess = true;
            if guess.platform == Platform::AzureDevops {
                place.is_guess = false;
                place.owner = segments[..guess.length - 2].join("/");
            }
            Ok(place)
        }
        None => as_written(url, Platform::Git, raw, segments, segments.len()),
    }
}

/// The first `length` segments are the repository, as they are written.
fn as_written(
    url: &Url,
    platform: Platform,
    raw: &[&str],
    segments: &[String],
    length: usize,
) -> Result<Place> {
    let (repository, rest) = segments.split_at(length);
    let (name, owner) = split(url, repository)?;
    let mut clone_url = url.clone();
    if length < raw.len() {
        clone_url.set_path(&format!("/{}", raw[..length].join("/")));
    }
    Ok(Place {
        platform,
        web_url: Some(clone_url.clone()),
        clone_url,
        owner: owner.join("/"),
        name,
        rest: words(rest),
        is_guess: false,
    })
}

/// A platform that serves `owner/name` below `prefix` segments, and git below `name.git`.
fn known(
    url: &Url,
    platform: Platform,
    segments: &[String],
    prefix: usize,
    length: usize,
) -> Result<Place> {
    let (installation, own) = segments.split_at(prefix);
    let (repository, rest) = own.split_at(length);
    check(url, installation)?;
    let (name, owner) = split(url, repository)?;
    if owner.is_empty() {
        return Err(nameless(url));
    }
    let owner = owner.join("/");
    let mut path = installation.to_vec();
    path.extend([owner.clone(), name.clone()]);
    let web_url = with_path(url, &path);
    let mut clone_url = web_url.clone();
    clone_url.set_path(&format!("{}.git", web_url.path()));
    Ok(Place {
        platform,
        clone_url,
        web_url: Some(web_url),
        owner,
        name,
        rest: words(rest),
        is_guess: false,
    })
}

/// `scm/K/r.git`, `projects/K/repos/r` and `users/u/repos/r` from `start` on.
fn bitbucket_server(url: &Url, segments: &[String], start: usize) -> Result<Place> {
    let (installation, own) = segments.split_at(start);
    check(url, installation)?;
    let (key, name, rest) = match own {
        [scm, key, name, rest @ ..] if scm == "scm" => (key.clone(), name, rest),
        [users, user, _, name, rest @ ..] if users == "users" => (format!("~{user}"), name, rest),
        [_, key, _, name, rest @ ..] => (key.clone(), name, rest),
        _ => return Err(nameless(url)),
    };
    match key.strip_prefix('~') {
        Some("") => return Err(nameless(url)),
        Some(user) => check(url, &[user.to_owned()])?,
        None => {}
    }
    let (name, _) = split(url, &[key.clone(), name.clone()])?;
    let web = match key.strip_prefix('~') {
        Some(user) => ["users", user, "repos", &name],
        None => ["projects", &key, "repos", &name],
    };
    let path = |own: &[&str]| -> Vec<String> {
        let own = own.iter().map(|s| String::from(*s));
        installation.iter().cloned().chain(own).collect()
    };
    let file = format!("{name}.git");
    Ok(Place {
        platform: Platform::BitbucketServer,
        clone_url: with_path(url, &path(&["scm", &key, &file])),
        web_url: Some(with_path(url, &path(&web))),
        owner: key,
        name,
        rest: words(rest),
        is_guess: false,
    })
}

/// `[organization/][project/]_git/repository`; a project's first repository has its name.
fn azure(url: &Url, segments: &[String], prefix: usize) -> Result<Place> {
    let (installation, own) = segments.split_at(prefix);
    let host = url.host_str().unwrap_or_default();
    let by_host = is_visual_studio(host);
    let organizations = usize::from(!by_host);
    let marker = own.iter().position(|s| s == "_git");
    let (projects, repository, rest) = match marker {
        Some(at) if at + 1 < own.len() => (&own[..at], &own[at + 1], &own[at + 2..]),
        // The page of a project, without anything behind it.
        None if own.len() == organizations + 1 => (own, &own[organizations], &own[..0]),
        _ => return Err(nameless(url)),
    };
    let mut owner = projects.to_vec();
    if owner.len() < organizations {
        return Err(nameless(url));
    }
    // A project's page without its name is that of the repository's namesake; `DefaultCollection` is no project.
    let named = projects
        .iter()
        .skip(organizations)
        .filter(|s| *s != "DefaultCollection");
    if named.count() == 0 {
        owner.push(repository.clone());
    }
    let (name, _) = split(url, std::slice::from_ref(repository))?;
    check(url, &segments[..prefix + projects.len()])?;
    let mut path = installation.to_vec();
    path.extend(owner.iter().cloned());
    path.extend([String::from("_git"), repository.clone()]);
    let clone_url = with_path(url, &path);
    let mut owner: Vec<String> = owner
        .into_iter()
        .filter(|s| s != "DefaultCollection")
        .collect();
    if by_host {
        owner.insert(0, host.split('.').next().unwrap_or_default().to_owned());
    }
    Ok(Place {
        platform: Platform::AzureDevops,
        web_url: Some(clone_url.clone()),
        clone_url,
        owner: owner.join("/"),
        name,
        rest: words(rest),
        is_guess: false,
    })
}

/// The repository's name, without `.git`, and what stands before it.
fn split<'a>(url: &Url, repository: &'a [String]) -> Result<(String, &'a [String])> {
    check(url, repository)?;
    let (last, owner) = repository.split_last().ok_or_else(|| nameless(url))?;
    let name = last.strip_suffix(".git").unwrap_or(last).to_owned();
    if name.is_empty() {
        return Err(broken(url));
    }
    Ok((name, owner))
}

/// Whether these can be names at all.
fn check(url: &Url, segments: &[String]) -> Result<()> {
    let unfit =
        |s: &String| s == "." || s == ".." || s.contains(|c: char| c == '/' || c.is_control());
    if segments.iter().any(unfit) {
        return Err(broken(url));
    }
    Ok(())
}

fn with_path(url: &Url, segments: &[String]) -> Url {
    let mut url = url.clone();
    url.set_path(&format!("/{}", encode(&segments.join("/"))));
    url
}

/// Slashes that a page's address encodes are slashes of a name all the same.
fn words(rest: &[String]) -> Vec<String> {
    rest.iter()
        .flat_map(|segment| segment.split('/'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn broken(url: &Url) -> Error {
    address::not_an_address(url.as_str())
}

fn nameless(url: &Url) -> Error {
    broken(url).with_hint("the address names no repository, such as owner/repo")
}
