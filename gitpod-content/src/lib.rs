//! Brings files into workspaces and keeps them.
//!
//! * [`Initializer`] fills a new workspace from a source: nothing, git, several in order.
//! * [`Volumes`] keeps each workspace's files: an overlay's private upper that stays on disk.
//! * [`ContextResolver`] asks a git server what a reference is, before anything is made.
#![forbid(unsafe_code)]

mod initializer;
pub mod memory;
mod resolver;
mod volumes;

pub use initializer::{InitContext, Initializer};
pub use resolver::{ContextResolver, RepositoryFile, ResolveOptions, Resolved};
pub use volumes::{Volume, Volumes};
