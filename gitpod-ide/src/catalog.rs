//! The editors that users may choose, and how their packages come to this node.
//!
//! An editor is delivered as a *package*: a read-only directory with a `supervisor-ide-config.json`, mounted at `/ide` in every
//! instance that uses it. [`PackagedCatalog`] fetches packages once into a cache directory that all servers of a machine may share;
//! nothing of a package is used before its bytes were compared with the hashes that this crate (or the operator's catalogue) pins.

mod ide;

#[cfg(feature = "catalog")]
mod cache;
#[cfg(feature = "catalog")]
mod config;
#[cfg(feature = "catalog")]
mod entry;
#[cfg(feature = "catalog")]
mod integrity;
#[cfg(feature = "catalog")]
mod inventory;
#[cfg(feature = "catalog")]
mod npm;
#[cfg(feature = "catalog")]
mod packaged;
#[cfg(feature = "catalog")]
mod recipe;
#[cfg(feature = "catalog")]
mod unpack;

#[cfg(feature = "catalog")]
pub use config::CatalogConfig;
#[cfg(feature = "catalog")]
pub use entry::{Entry, Package};
pub use ide::{Ide, IdeCatalog};
#[cfg(feature = "catalog")]
pub use integrity::Integrity;
#[cfg(feature = "catalog")]
pub use packaged::{PackagedCatalog, Progress};
