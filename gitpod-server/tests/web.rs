//! What browsers and programs get over HTTP: the proxy into workspaces, and the dashboard.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::too_many_lines,
    reason = "a way through the product is told in one piece"
)]

#[path = "web/client.rs"]
mod client;
#[path = "web/dashboard.rs"]
mod dashboard;
#[path = "web/inside.rs"]
mod inside;
#[path = "web/ports.rs"]
mod ports;
#[path = "web/proxy.rs"]
mod proxy;
#[path = "web/sharing.rs"]
mod sharing;
#[path = "web/streams.rs"]
mod streams;
#[path = "web/task_output.rs"]
mod task_output;
#[path = "web/world.rs"]
mod world;
