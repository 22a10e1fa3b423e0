//! Git, against real repositories in temporary directories and a real server on loopback.
#![expect(
    clippy::unwrap_used,
    reason = "a test whose fixture cannot be made fails"
)]

#[path = "git/clone.rs"]
mod clone;
#[path = "git/fixture.rs"]
mod fixture;
#[path = "git/hostile.rs"]
mod hostile;
#[path = "git/lfs.rs"]
mod lfs;
#[path = "git/resolve.rs"]
mod resolve;
#[path = "git/server.rs"]
mod server;
#[path = "git/status.rs"]
mod status;
#[path = "git/trouble.rs"]
mod trouble;
