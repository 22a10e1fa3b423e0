//! Commands that clients run: with pipes or in a terminal.

mod io;
mod start;

pub(crate) use io::{ExecIo, Input, Written};
pub(crate) use start::{ExecOptions, Running, start};
