//! The whole platform in one process: a git URL becomes a running workspace, and stops again.
//!
//! `cargo run -p examples --example hello_workspace`
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use gitpod_core::access::Principal;
use gitpod_server::platform::DEMO_REPOSITORY;
use gitpod_server::{CreateWorkspace, Platform};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let platform = Platform::in_memory()?; // every backend in memory; swap in the sandbox, SQLite, yours
    let running = platform.spawn();
    let me = Principal::System;

    let workspace = platform
        .create(&me, CreateWorkspace::new(DEMO_REPOSITORY))
        .await?;
    let workspace = platform.wait_until_running(&me, &workspace.id).await?;
    println!("{} of {} runs", workspace.id, workspace.spec.context.title);

    platform.stop(&me, &workspace.id).await?;
    platform.wait_until_stopped(&me, &workspace.id).await?;
    running.drain().await;
    Ok(())
}
