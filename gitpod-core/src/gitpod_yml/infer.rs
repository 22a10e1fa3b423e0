//! A configuration for a repository that has none: from the names of its files, and from what a few small ones say.
//!
//! Each tool has a function in a file of its own here that looks at the [`Listing`] and adds tasks, ports and extensions to
//! the [`Draft`], each with its reason. Package managers and languages give a task each, so that servers run side by side;
//! a `Makefile` counts only when nothing else tells how to build.

mod compose_file;
mod draft;
mod dynamic;
mod listing;
mod native;
mod node;
mod php;
mod python;
mod render;
mod virtual_machine;

pub use draft::Reason;
pub use listing::{Listing, MAX_CONTENT};

use super::GitpodYml;
use draft::Draft;

/// What was inferred.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Inferred {
    /// The configuration; empty when nothing was recognised.
    pub config: GitpodYml,
    /// Why it has what it has, in its order.
    pub reasons: Vec<Reason>,
}

impl Inferred {
    /// The configuration as a `.gitpod.yml`, with its reasons as comments.
    pub fn to_yaml(&self) -> String {
        render::yaml(self)
    }
}

/// Infers a configuration.
pub fn infer(listing: &Listing) -> Inferred {
    let mut draft = Draft::new(listing);
    for look in [
        node::node,
        node::deno,
        native::rust,
        native::go,
        virtual_machine::gradle,
        virtual_machine::maven,
        virtual_machine::dotnet,
        python::python,
        dynamic::ruby,
        php::php,
        dynamic::elixir,
        dynamic::dart,
        native::make,
        compose_file::compose,
    ] {
        look(listing, &mut draft);
    }
    draft.finish()
}
