//! Git, by way of the git executable, in confined jobs.
//!
//! * [`GitInitializer`] clones into a volume, and reads git's view of it later.
//! * [`GitResolver`] asks a server what a reference is and reads configuration files at it.
//!
//! Both hand every command to a [`JobRunner`](gitpod_core::job::JobRunner): what a server sends, and what a repository's own
//! configuration says, is hostile. Each command gets a configuration of ours and none of this machine's; protocols,
//! addresses, references and extra configuration are checked against allow-lists before git sees them.

mod addresses;
mod at_hand;
mod batch;
mod checkout;
mod config;
mod extra_config;
mod failure;
mod head;
mod initializer;
mod inspect;
mod lfs;
mod local_repository;
mod ls_remote;
mod policy;
mod read_files;
mod refname;
mod remote;
mod resolver;
mod room;
mod submodules;
mod tool;
mod tree;
mod wanted;

pub use config::{GitConfig, History};
pub use initializer::GitInitializer;
pub use resolver::GitResolver;
