//! Gitea and Forgejo.

use crate::Result;
use crate::context::page::{
    PageAddress, View, commit, compare, named, named_as, number, pull_request, range, whole_name,
};
use crate::context::reference::Reference;

pub(in crate::context) fn view(words: &[&str]) -> Result<View> {
    match words {
        ["src" | "raw" | "blame" | "media" | "render", rest @ ..] => state(rest),
        ["commits", "branch", name @ ..] if !name.is_empty() => {
            Ok(Reference::Branch(whole_name(name)?).into())
        }
        ["commits" | "releases", "tag", name @ ..] if !name.is_empty() => {
            Ok(Reference::Tag(whole_name(name)?).into())
        }
        ["commit", hash, ..] | ["commits", "commit", hash, ..] => commit(hash).map(View::from),
        ["pulls", text, ..] => pull_request(text, "refs/pull", "head"),
        ["issues", text, ..] => Ok(Reference::Issue(number(text)?).into()),
        ["compare", rest @ ..] if !rest.is_empty() => compare(rest),
        _ => Ok(View::HEAD),
    }
}

fn state(words: &[&str]) -> Result<View> {
    match words {
        ["branch", name @ ..] => {
            named_as(name, false, Reference::Branch, Reference::BranchWithPath)
        }
        ["tag", name @ ..] => named_as(name, false, Reference::Tag, Reference::TagWithPath),
        ["commit", hash, path @ ..] => View::from(commit(hash)?).at(path),
        // As older versions write it.
        words => named(words, false),
    }
}

pub(in crate::context) fn address(view: &View) -> Option<PageAddress> {
    let path = match (&view.reference, &view.path) {
        (Reference::Head, Some(path)) => format!("src/HEAD/{path}"),
        (Reference::Commit(hash), Some(path)) => format!("src/commit/{hash}/{path}"),
        (Reference::Branch(name), Some(path)) => format!("src/branch/{name}/{path}"),
        (Reference::Tag(name), Some(path)) => format!("src/tag/{name}/{path}"),
        (Reference::Commit(hash), None) => format!("src/commit/{hash}"),
        (Reference::Branch(name), None) if name.contains('/') => format!("commits/branch/{name}"),
        (Reference::Branch(name), None) => format!("src/branch/{name}"),
        (Reference::Tag(name), None) if name.contains('/') => format!("commits/tag/{name}"),
        (Reference::Tag(name), None) => format!("src/tag/{name}"),
        (Reference::BranchWithPath(text), None) => format!("src/branch/{text}"),
        (Reference::TagWithPath(text), None) => format!("src/tag/{text}"),
        (Reference::Named(name), None) if !name.contains('/') && !is_kind(name) => {
            format!("src/{name}")
        }
        (Reference::NamedWithPath(text), None) if !text.split('/').next().is_some_and(is_kind) => {
            format!("src/{text}")
        }
        (Reference::PullRequest { number, .. }, None) => format!("pulls/{number}"),
        (Reference::Issue(number), None) => format!("issues/{number}"),
        (Reference::Compare { base, head }, None) => {
            format!("compare/{}", range(base.as_ref(), head))
        }
        _ => return None,
    };
    Some(PageAddress::new(path))
}

/// Words that would not be read as a name here.
fn is_kind(word: &str) -> bool {
    matches!(word, "branch" | "tag" | "commit")
}
