//! GitHub and GitHub Enterprise Server.

use crate::Result;
use crate::context::page::{
    PageAddress, View, commit, compare, named, named_as, number, pull_request, range, whole_name,
};
use crate::context::reference::Reference;

pub(in crate::context) fn view(words: &[&str]) -> Result<View> {
    match words {
        ["tree" | "commits" | "find", name @ ..] => of_name(name, false),
        ["blob" | "raw" | "blame" | "edit", name @ ..] => of_name(name, true),
        ["commit", hash, ..] => commit(hash).map(View::from),
        ["releases", "tag", name @ ..] if !name.is_empty() => {
            Ok(Reference::Tag(whole_name(name)?).into())
        }
        ["pull" | "pulls", text, ..] => pull_request(text, "refs/pull", "head"),
        ["issues", text, ..] => Ok(Reference::Issue(number(text)?).into()),
        ["compare", rest @ ..] if !rest.is_empty() => compare(rest),
        _ => Ok(View::HEAD),
    }
}

fn of_name(words: &[&str], is_file: bool) -> Result<View> {
    match words {
        ["refs", "heads", name @ ..] if !name.is_empty() => {
            named_as(name, is_file, Reference::Branch, Reference::BranchWithPath)
        }
        ["refs", "tags", name @ ..] if !name.is_empty() => {
            named_as(name, is_file, Reference::Tag, Reference::TagWithPath)
        }
        words => named(words, is_file),
    }
}

pub(in crate::context) fn address(view: &View) -> Option<PageAddress> {
    let tree = if view.is_file { "blob" } else { "tree" };
    let path = match (&view.reference, &view.path) {
        (Reference::Head, Some(path)) => format!("{tree}/HEAD/{path}"),
        (Reference::Commit(hash), Some(path)) => format!("{tree}/{hash}/{path}"),
        (Reference::Branch(name), Some(path)) => format!("{tree}/refs/heads/{name}/{path}"),
        (Reference::Tag(name), Some(path)) => format!("{tree}/refs/tags/{name}/{path}"),
        (Reference::Commit(hash), None) => format!("commit/{hash}"),
        (Reference::Named(name), None) if !name.contains('/') => format!("tree/{name}"),
        (Reference::Branch(name), None) if !name.contains('/') => {
            format!("tree/refs/heads/{name}")
        }
        (Reference::Tag(name), None) => format!("releases/tag/{name}"),
        (Reference::NamedWithPath(text), None) => format!("{tree}/{text}"),
        (Reference::BranchWithPath(text), None) => format!("{tree}/refs/heads/{text}"),
        (Reference::TagWithPath(text), None) => format!("{tree}/refs/tags/{text}"),
        (Reference::PullRequest { number, .. }, None) => format!("pull/{number}"),
        (Reference::Issue(number), None) => format!("issues/{number}"),
        (Reference::Compare { base, head }, None) => {
            format!("compare/{}", range(base.as_ref(), head))
        }
        _ => return None,
    };
    Some(PageAddress::new(path))
}
