//! A runtime of your own behind the contract. [`examples::ProcessRuntime`] is all of it; the test
//! `custom_runtime_conformance` proves that it keeps the contract's promises.
//!
//! `cargo run -p examples --example custom_runtime`
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use examples::ProcessRuntime;
use gitpod_core::instance::{InstancePhase, InstanceSpec};
use gitpod_core::{InstanceId, WorkspaceId};
use gitpod_runtime::{StopMode, WorkspaceRuntime};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let runtime: Arc<dyn WorkspaceRuntime> = Arc::new(ProcessRuntime::default());
    println!("{:?}", runtime.info());

    // `Platform::builder().runtime(…)` takes it like any other; here it is driven by hand.
    let workspace = WorkspaceId::generate(*InstanceId::random().as_uuid().as_bytes());
    let command = [
        "/bin/sh",
        "-c",
        "trap 'exit 3' TERM; while :; do sleep 0.05; done",
    ];
    let command = command.map(str::to_owned).to_vec();
    let mut spec = InstanceSpec::new(InstanceId::random(), workspace, command);
    spec.env = vec![("PATH".into(), "/usr/bin:/bin".into())];

    runtime.ensure(&spec).await?;
    runtime.ensure(&spec).await?; // again: nothing happens
    ensure!(
        runtime.list().await?.len() == 1,
        "one instance, however often it is ensured"
    );

    tokio::time::sleep(Duration::from_millis(200)).await; // lets the shell set its trap
    runtime
        .stop(spec.id, StopMode::Graceful(Duration::from_secs(5)))
        .await?;
    let state = runtime
        .inspect(spec.id)
        .await?
        .context("its record stays until it is removed")?;
    let InstancePhase::Exited(exit) = state.phase else {
        anyhow::bail!("still {:?}", state.phase);
    };
    println!("{} ended with {:?}", spec.workspace, exit.code);
    ensure!(
        exit.code == Some(3),
        "it was asked to end, not killed: {exit:?}"
    );

    runtime.remove(spec.id).await?;
    runtime.remove(spec.id).await?; // what is not there is removed already
    ensure!(runtime.inspect(spec.id).await?.is_none(), "nothing is left");
    Ok(())
}
