//! Editors for workspaces: the catalogue, their packages, and the supervisor inside each instance.
#![cfg_attr(feature = "catalog", doc = "", doc = include_str!("../README.md"))]
#![forbid(unsafe_code)]

mod catalog;
mod fixed;
#[cfg(feature = "supervisor")]
pub mod supervisor;
#[cfg(feature = "supervisor")]
pub mod terminal_editor;

#[cfg(feature = "catalog")]
pub use catalog::{CatalogConfig, Entry, Integrity, Package, PackagedCatalog, Progress};
pub use catalog::{Ide, IdeCatalog};
pub use fixed::FixedCatalog;
