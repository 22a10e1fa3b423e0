//! What the supervisor serves: gRPC and REST on one port of the loopback interface.

mod control;
mod convert;
mod exec;
mod git;
mod guard;
mod info;
mod json;
mod observe;
mod rest;
mod serve;
mod state;
mod status;
mod task;
mod terminal;

pub(crate) use serve::serve;
pub(crate) use state::{State, User};
