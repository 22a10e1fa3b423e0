//! Bitbucket Server and Data Center: the query names the branch.

use crate::Result;
use crate::context::page::{
    PageAddress, Query, View, commit, from_fragment, pull_request, to_fragment,
};
use crate::context::reference::{Reference, check_name};

pub(in crate::context) fn view(words: &[&str], query: &Query) -> Result<View> {
    let at = |key| query.get(key).filter(|at: &&str| !at.is_empty());
    match words {
        ["commits", hash, ..] => commit(hash).map(View::from),
        ["commits"] => state(at("until")).map(View::from),
        ["pull-requests", text, ..] => pull_request(text, "refs/pull-requests", "from"),
        ["compare", ..] if at("sourceBranch").is_some() => {
            let name = |text: &str| check_name(text.strip_prefix("refs/heads/").unwrap_or(text));
            let base = at("targetBranch").map(name).transpose()?;
            let head = name(at("sourceBranch").unwrap_or_default())?;
            Ok(Reference::Compare { base, head }.into())
        }
        ["browse" | "raw", path @ ..] => View::from(state(at("at"))?).at(path),
        _ => state(at("at")).map(View::from),
    }
}

fn state(at: Option<&str>) -> Result<Reference> {
    at.map_or(Ok(Reference::Head), from_fragment)
}

pub(in crate::context) fn address(view: &View) -> Option<PageAddress> {
    let page = match (&view.reference, &view.path) {
        (Reference::Commit(hash), None) => PageAddress::new(format!("commits/{hash}")),
        (Reference::PullRequest { number, .. }, None) => {
            PageAddress::new(format!("pull-requests/{number}"))
        }
        (Reference::Compare { base, head }, None) => {
            let page = PageAddress::new("compare/commits");
            let page = match base {
                Some(base) => page.with("targetBranch", format!("refs/heads/{base}")),
                None => page,
            };
            page.with("sourceBranch", format!("refs/heads/{head}"))
        }
        (Reference::Head, Some(path)) => PageAddress::new(format!("browse/{path}")),
        (reference, path) => {
            let at = to_fragment(reference)?;
            let path = path.iter().map(|path| format!("/{path}"));
            PageAddress::new(format!("browse{}", path.collect::<String>())).with("at", at)
        }
    };
    Some(page)
}
