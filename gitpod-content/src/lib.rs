//! Brings files into workspaces and keeps them.
//!
//! * [`Initializer`] fills a new workspace from a source: nothing, git, several in order.
//! * [`Volumes`] keeps each workspace's files: an overlay's private upper that stays on disk.
//! * [`ContextResolver`] asks a git server what a reference is, before anything is made.
//!
//! Backends: [`memory`], the reference; [`local`] volumes, [`git`] over the git executable, [`Initializers`] for every kind of source, and
//! [`DirectRunner`], the reference way to run content jobs.
#![forbid(unsafe_code)]

#[cfg_attr(
    not(feature = "git"),
    expect(dead_code, reason = "parts of it are for hostile working trees only")
)]
mod beneath;
#[cfg(feature = "conformance")]
pub mod conformance;
mod direct;
#[cfg(feature = "git")]
pub mod git;
mod initializer;
mod initializers;
#[cfg(feature = "local")]
pub mod local;
pub mod memory;
mod resolver;
mod volumes;

pub use direct::DirectRunner;
pub use initializer::{InitContext, Initializer};
pub use initializers::Initializers;
pub use resolver::{ContextResolver, Otherwise, RepositoryFile, ResolveOptions, Resolved};
pub use volumes::{DiskUsage, Room, Volume, Volumes, WORKSPACE};
