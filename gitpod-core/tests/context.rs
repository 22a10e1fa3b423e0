//! Context URLs: every form of every platform, what is refused, and that what is printed parses again.

use gitpod_core::Error;
use gitpod_core::context::{ContextUrl, RepositoryContext};

#[path = "context/addresses.rs"]
mod addresses;
#[path = "context/hostile.rs"]
mod hostile;
#[path = "context/installations.rs"]
mod installations;
#[path = "context/names.rs"]
mod names;
#[path = "context/pages.rs"]
mod pages;
#[path = "context/prefixes.rs"]
mod prefixes;
#[path = "context/printed.rs"]
mod printed;

fn parse(text: &str) -> ContextUrl {
    text.parse()
        .unwrap_or_else(|error: Error| panic!("{text}: {error:?}"))
}

fn repository(text: &str) -> RepositoryContext {
    let context = parse(text);
    context.repository().expect("a repository").clone()
}
