//! Wire types, generated from `proto/` and checked in; the tests `codegen_*` regenerate and compare them.

#[cfg(feature = "proto")]
pub mod gitpod;
#[cfg(feature = "proto-supervisor")]
pub mod supervisor;
