//! The dashboard: server-rendered pages and small modules of our own.
//!
//! Pages are rendered here from the platform's records; what a person *does* on them (create, start, stop, delete) goes through
//! the public API, as everybody's requests do. Pages stay current by themselves: an event on `/events` makes the browser
//! fetch the page again and change what differs in place. Everything is embedded in the binary, nothing comes from elsewhere.

mod assets;
mod details;
mod events;
mod frame;
mod login;
mod new;
mod open;
mod problem;
mod router;
mod start;
mod task_log;
mod view;
mod visitor;
mod workspaces;

pub use router::router;
