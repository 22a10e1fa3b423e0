//! The agent inside each instance: runs its tasks, terminals and editor, knows its ports, and ends everything in order.
//!
//! Configured by environment variables alone (see [`CONFIGURATION`]), it serves gRPC and REST on the loopback interface of
//! the instance. [`main`] is the whole program; the binary `supervisor` and any executable started under that name call it.

mod account;
mod activity;
mod api;
mod cli;
mod config;
mod editor;
mod environment;
mod exec;
mod git;
mod git_config;
mod gp;
mod log;
mod oom;
mod pipes;
mod ports;
mod presence;
mod process;
mod pty;
mod resources;
mod run;
mod shutdown;
mod tasks;
mod terminal;

pub use cli::{is_supervisor, main};
pub use config::CONFIGURATION;
