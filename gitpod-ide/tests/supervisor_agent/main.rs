//! The supervisor as its clients see it: the real executable, started as a child, spoken to over gRPC.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod editor;
mod exec;
mod git;
mod harness;
mod ports;
mod presence;
mod rest;
mod stop;
mod tasks;
mod terminal;
