//! Azure DevOps: the query names version and path.

use crate::Result;
use crate::context::page::{PageAddress, Query, View, commit, pull_request};
use crate::context::reference::{Reference, check_name};

pub(in crate::context) fn view(words: &[&str], query: &Query) -> Result<View> {
    let get = |key| query.get(key).filter(|value: &&str| !value.is_empty());
    match words {
        ["commit", hash, ..] => commit(hash).map(View::from),
        ["pullrequest", text, ..] => pull_request(text, "refs/pull", "merge"),
        ["branchCompare", ..] if get("targetVersion").is_some() => {
            let base = get("baseVersion").map(|text| check_name(version(text).1));
            let head = check_name(version(get("targetVersion").unwrap_or_default()).1)?;
            let base = base.transpose()?;
            Ok(Reference::Compare { base, head }.into())
        }
        _ => {
            let version = get("version").or_else(|| get("itemVersion"));
            let path: Vec<&str> = get("path").unwrap_or_default().split('/').collect();
            View::from(version.map_or(Ok(Reference::Head), state)?).at(&path)
        }
    }
}

/// `GBmain`: what it is, and its name.
fn version(text: &str) -> (Option<&str>, &str) {
    match text.split_at_checked(2) {
        Some((kind @ ("GB" | "GT" | "GC"), name)) => (Some(kind), name),
        _ => (None, text),
    }
}

fn is_version(text: &str) -> bool {
    version(text).0.is_some()
}

fn state(text: &str) -> Result<Reference> {
    match version(text) {
        (Some("GB"), name) => check_name(name).map(Reference::Branch),
        (Some("GT"), name) => check_name(name).map(Reference::Tag),
        (Some("GC"), hash) => commit(hash),
        (_, name) => check_name(name).map(Reference::Named),
    }
}

pub(in crate::context) fn address(view: &View) -> Option<PageAddress> {
    let version = match (&view.reference, &view.path) {
        (Reference::Commit(hash), None) => return Some(PageAddress::new(format!("commit/{hash}"))),
        (Reference::PullRequest { number, .. }, None) => {
            return Some(PageAddress::new(format!("pullrequest/{number}")));
        }
        (Reference::Compare { base, head }, None) => {
            let page = PageAddress::new("branchCompare");
            let page = match base {
                Some(base) => page.with("baseVersion", format!("GB{base}")),
                None => page,
            };
            return Some(page.with("targetVersion", format!("GB{head}")));
        }
        (Reference::Head, _) => None,
        (Reference::Branch(name), _) => Some(format!("GB{name}")),
        (Reference::Tag(name), _) => Some(format!("GT{name}")),
        (Reference::Commit(hash), _) => Some(format!("GC{hash}")),
        // A name that looks like one of the above would be read as such.
        (Reference::Named(name), _) if !is_version(name) => Some(name.clone()),
        _ => return None,
    };
    let mut page = PageAddress::default();
    if let Some(path) = &view.path {
        page = page.with("path", format!("/{path}"));
    }
    if let Some(version) = version {
        page = page.with("version", version);
    }
    Some(page)
}
