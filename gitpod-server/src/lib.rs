//! The whole platform, as a library and as a reference server.
//!
//! [`Platform`] assembles runtime, content, image and editor backends, a store and the reconcile driver; it is usable without
//! any listener. [`Platform::router`] adds public API, proxy and dashboard as an [`axum::Router`] that you mount or serve.
#![forbid(unsafe_code)]

pub mod api;
#[cfg(all(feature = "sandbox", feature = "git", feature = "sqlite"))]
pub mod assemble;
pub mod auth;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod command;
pub mod config;
pub mod dashboard;
pub mod entropy;
pub mod platform;
mod prose;
pub mod proxy;
mod reconcile;
#[cfg(all(feature = "sandbox", feature = "git", feature = "sqlite"))]
pub mod server;
mod size;
pub mod store;
pub mod supervision;

pub use platform::{
    CreateWorkspace, ParsedContext, Platform, PlatformBuilder, Running, StartOptions,
};
