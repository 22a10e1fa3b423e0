//! No listener, no browser: workspaces as a step of a program, driven and watched by events.
//!
//! `cargo run -p examples --example headless_platform`
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use anyhow::{Context as _, ensure};
use futures::StreamExt as _;
use gitpod_core::access::Principal;
use gitpod_core::store::Query;
use gitpod_core::workspace::{EventKind, Phase, Sequence, StepState};
use gitpod_server::platform::DEMO_REPOSITORY;
use gitpod_server::{CreateWorkspace, Platform};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let platform = Platform::in_memory()?;
    let running = platform.spawn();
    let me = Principal::System;

    // What would a workspace from this URL be? Nothing is recorded yet.
    let url = format!("STAGE=test/{DEMO_REPOSITORY}#dev");
    let context = platform.parse_context(&me, &url).await?;
    println!(
        "{}: {} task(s)",
        context.spec.context.title,
        context.spec.fresh_tasks.len()
    );

    // Every event from the beginning; a subscriber that remembers a sequence number resumes there.
    let mut events = platform.subscribe(&me, Sequence::default());
    let workspace = platform.create(&me, CreateWorkspace::new(&url)).await?;
    loop {
        let event = events.next().await.context("the platform ended")??;
        if event.workspace != workspace.id {
            continue;
        }
        match event.kind {
            EventKind::StepChanged { step } if step.state == StepState::Done => {
                println!("  {:?}: {}", step.kind, step.detail);
            }
            EventKind::PhaseChanged {
                to: Phase::Running, ..
            } => break,
            EventKind::Failed { failure } => anyhow::bail!("{}", failure.message),
            _ => {}
        }
    }

    // Settings of the link and of .gitpod.yml have arrived; a second workspace runs beside the first.
    let first = platform.get(&me, &workspace.id).await?;
    ensure!(
        first
            .spec
            .address_env
            .contains(&("STAGE".into(), "test".into())),
        "{:?}",
        first.spec.address_env
    );
    let second = platform
        .create(&me, CreateWorkspace::new(DEMO_REPOSITORY))
        .await?;
    platform.wait_until_running(&me, &second.id).await?;
    println!(
        "{} workspaces run",
        platform.list(&me, Query::default()).await?.len()
    );

    for id in [&first.id, &second.id] {
        platform.delete(&me, id).await?;
    }
    // Work under way may end; whatever is left is finished by the next platform over the same store.
    running.drain().await;
    Ok(())
}
