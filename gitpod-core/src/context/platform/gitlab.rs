//! GitLab, also self-managed.

use crate::Result;
use crate::context::page::{
    PageAddress, Query, View, commit, compare, named, named_as, number, pull_request, range,
    whole_name,
};
use crate::context::reference::Reference;

pub(in crate::context) fn view(words: &[&str], query: &Query) -> Result<View> {
    let words = match words {
        ["-", words @ ..] => words,
        words => words,
    };
    match words {
        ["tree" | "commits" | "network" | "graphs", name @ ..] => of_name(name, query, false),
        ["blob" | "raw" | "blame" | "edit", name @ ..] => of_name(name, query, true),
        ["commit", hash, ..] => commit(hash).map(View::from),
        ["tags" | "releases", name @ ..] if !name.is_empty() => {
            Ok(Reference::Tag(whole_name(name)?).into())
        }
        ["merge_requests", text, ..] => pull_request(text, "refs/merge-requests", "head"),
        ["issues" | "work_items", text, ..] => Ok(Reference::Issue(number(text)?).into()),
        ["compare", rest @ ..] if !rest.is_empty() => compare(rest),
        _ => Ok(View::HEAD),
    }
}

fn of_name(words: &[&str], query: &Query, is_file: bool) -> Result<View> {
    match query.get("ref_type") {
        Some("heads") => named_as(words, is_file, Reference::Branch, Reference::BranchWithPath),
        Some("tags") => named_as(words, is_file, Reference::Tag, Reference::TagWithPath),
        _ => named(words, is_file),
    }
}

pub(in crate::context) fn address(view: &View) -> Option<PageAddress> {
    let tree = if view.is_file { "blob" } else { "tree" };
    let branch =
        |text: &str| PageAddress::new(format!("-/{tree}/{text}")).with("ref_type", "heads");
    let tag = |text: &str| PageAddress::new(format!("-/{tree}/{text}")).with("ref_type", "tags");
    let path = match (&view.reference, &view.path) {
        (Reference::Head, Some(path)) => format!("{tree}/HEAD/{path}"),
        (Reference::Commit(hash), Some(path)) => format!("{tree}/{hash}/{path}"),
        (Reference::Branch(name), Some(path)) => return Some(branch(&format!("{name}/{path}"))),
        (Reference::Tag(name), Some(path)) => return Some(tag(&format!("{name}/{path}"))),
        (Reference::Commit(hash), None) => format!("commit/{hash}"),
        (Reference::Named(name), None) if !name.contains('/') => format!("tree/{name}"),
        (Reference::Branch(name), None) if !name.contains('/') => return Some(branch(name)),
        (Reference::Tag(name), None) => format!("tags/{name}"),
        (Reference::NamedWithPath(text), None) => format!("{tree}/{text}"),
        (Reference::BranchWithPath(text), None) => return Some(branch(text)),
        (Reference::TagWithPath(text), None) => return Some(tag(text)),
        (Reference::PullRequest { number, .. }, None) => format!("merge_requests/{number}"),
        (Reference::Issue(number), None) => format!("issues/{number}"),
        (Reference::Compare { base, head }, None) => {
            format!("compare/{}", range(base.as_ref(), head))
        }
        _ => return None,
    };
    Some(PageAddress::new(format!("-/{path}")))
}
