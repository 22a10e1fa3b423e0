//! stop, gracefully and not.

use std::sync::Arc;
use std::time::Duration;

use gitpod_core::instance::InstancePhase;
use gitpod_core::{InstanceId, Result};

use super::case::{Bench, Need, cases, check};
use crate::StopMode;

cases! {
    "stop::stopping_nothing_succeeds" [] => nothing;
    "stop::kill_ends_and_keeps_the_record" [] => kill;
    "stop::graceful_ends_and_keeps_the_record" [] => graceful;
    "stop::a_second_stop_succeeds" [] => twice;
    "stop::orphans_end_with_their_instance" [Need::Processes, Need::Exec] => orphans;
}

async fn exited(bench: &Bench, id: InstanceId) -> Result<()> {
    let state = bench.runtime().inspect(id).await?;
    let ended = state
        .as_ref()
        .is_some_and(|state| matches!(state.phase, InstancePhase::Exited(_)));
    check(ended, || {
        format!("expected an exited instance, got {state:?}")
    })
}

async fn nothing(bench: Arc<Bench>) -> Result<()> {
    bench
        .runtime()
        .stop(InstanceId::random(), StopMode::Kill)
        .await?;
    bench
        .runtime()
        .stop(
            InstanceId::random(),
            StopMode::Graceful(Duration::from_secs(1)),
        )
        .await
}

async fn kill(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    bench.runtime().stop(spec.id, StopMode::Kill).await?;
    exited(&bench, spec.id).await
}

async fn graceful(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    bench
        .runtime()
        .stop(spec.id, StopMode::Graceful(Duration::from_secs(2)))
        .await?;
    exited(&bench, spec.id).await
}

async fn twice(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    bench.runtime().stop(spec.id, StopMode::Kill).await?;
    bench
        .runtime()
        .stop(spec.id, StopMode::Graceful(Duration::from_secs(1)))
        .await?;
    exited(&bench, spec.id).await
}

/// The residue check of the harness finds a survivor that keeps a mount or a cgroup; here the record has to agree.
async fn orphans(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let left = bench.run(spec.id, &["orphan"]).await?;
    check(left.exit.is_success(), || {
        format!("cannot leave an orphan: {left:?}")
    })?;
    bench
        .runtime()
        .stop(spec.id, StopMode::Graceful(Duration::from_millis(200)))
        .await?;
    exited(&bench, spec.id).await
}
