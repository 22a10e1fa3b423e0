//! The public API: `gitpod.v1` over Connect, gRPC and gRPC-Web.
//!
//! A gate stands before every method: it finds out who asks, looks up who may (`methods` declares it; a method without a
//! declaration is never served) and only then lets the call through. What a caller may do with one workspace is decided by
//! the platform, with the rule set of `gitpod_core::access`.

mod convert;
mod editors;
mod gate;
mod methods;
mod organizations;
mod page;
mod request_id;
mod router;
mod status;
mod users;
mod variables;
mod workspaces;

pub use convert::workspace_message;
pub use methods::{Callers, METHODS, Method};
pub use router::router;
pub use status::connect_error;
