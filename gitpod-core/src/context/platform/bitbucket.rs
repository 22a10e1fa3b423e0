//! bitbucket.org.

use crate::Result;
use crate::context::page::{
    PageAddress, Query, View, commit, from_fragment, named, number, to_fragment, whole_name,
};
use crate::context::reference::{Reference, check_name};

pub(in crate::context) fn view(words: &[&str], query: &Query) -> Result<View> {
    match (words, query.get("at").filter(|at| !at.is_empty())) {
        // The path names a commit, the query the branch that it is the end of.
        (["src", _, rest @ ..], Some(at)) => View::from(from_fragment(at)?).at(rest),
        (["src" | "raw" | "annotate" | "history-node", name @ ..], _) => named(name, false),
        (["branch", name @ ..] | ["commits", "branch", name @ ..], _) if !name.is_empty() => {
            Ok(Reference::Branch(whole_name(name)?).into())
        }
        (["commits", "tag", name @ ..], _) if !name.is_empty() => {
            Ok(Reference::Tag(whole_name(name)?).into())
        }
        (["commits", hash], _) => commit(hash).map(View::from),
        (["branches", "compare", rest @ ..], _) if !rest.is_empty() => comparison(rest),
        (["pull-requests", text, ..], _) => {
            let number = number(text)?;
            Ok(Reference::PullRequest { number, head: None }.into())
        }
        (["issues", text, ..], _) => Ok(Reference::Issue(number(text)?).into()),
        _ => Ok(View::HEAD),
    }
}

/// `head..base`; the pages themselves put a carriage return between the two.
fn comparison(words: &[&str]) -> Result<View> {
    let range = words.join("/");
    let parts = range.split_once('\r').or_else(|| range.split_once(".."));
    let (head, base) = match parts {
        Some((head, base)) => (head, Some(check_name(base)?)),
        None => (range.as_str(), None),
    };
    let head = check_name(head)?;
    Ok(Reference::Compare { base, head }.into())
}

pub(in crate::context) fn address(view: &View) -> Option<PageAddress> {
    let path = match (&view.reference, &view.path) {
        (Reference::Head, Some(path)) => format!("src/HEAD/{path}"),
        (Reference::Commit(hash), Some(path)) => format!("src/{hash}/{path}"),
        (reference, Some(path)) => {
            let page = PageAddress::new(format!("src/HEAD/{path}"));
            return Some(page.with("at", to_fragment(reference)?));
        }
        (Reference::Commit(hash), None) => format!("commits/{hash}"),
        (Reference::Named(name), None) if !name.contains('/') => format!("src/{name}"),
        (Reference::Branch(name), None) => format!("branch/{name}"),
        (Reference::Tag(name), None) => format!("commits/tag/{name}"),
        (Reference::NamedWithPath(text), None) => format!("src/{text}"),
        (Reference::PullRequest { number, .. }, None) => format!("pull-requests/{number}"),
        (Reference::Issue(number), None) => format!("issues/{number}"),
        (Reference::Compare { base, head }, None) => match base {
            Some(base) => format!("branches/compare/{head}..{base}"),
            None => format!("branches/compare/{head}"),
        },
        _ => return None,
    };
    Some(PageAddress::new(path))
}
