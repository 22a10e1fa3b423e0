//! Routes workspace and port hosts into instances.
//!
//! [`Proxy::dispatch`] is the outermost service of an installation: by host alone it hands a request to the platform's own
//! router, to the editor or supervisor of a workspace, or to a port that a workspace serves.
//!
//! * **Private by default**: a request shows the instance's owner token (header or cookie), or the port is public.
//! * **Own origins**: each workspace and each port is an origin; cookies of the platform never reach user code, user code cannot
//!   set them, and requests that pages of other origins make in the owner's name are refused.
//! * **No parsing of bodies**: bytes stream both ways; WebSockets and gRPC (HTTP/2 with trailers) pass through.
//! * **Nothing to configure per workspace**: connections are dialled inside the instance, by the runtime.

mod activity;
mod authorize;
mod cookies;
mod dispatch;
mod entrance;
mod grpc;
mod handoff;
mod headers;
mod host;
mod origin;
mod pass;
mod refusal;
mod rewrite;
mod route;
mod tls;
mod upgrade;
mod upstream;
mod welcome;

pub use dispatch::Proxy;
pub use host::{Hosts, Target};
pub(crate) use route::SUPERVISOR_PORT;
