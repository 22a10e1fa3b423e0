//! Instances outlive the process that started them.

use std::sync::Arc;

use gitpod_core::instance::InstancePhase;
use gitpod_core::{Error, Result};

use super::case::{Bench, Need, cases, check, finish};
use crate::{StopMode, WorkspaceRuntime};

cases! {
    "readoption::running_instances_are_found_again" [Need::Readopt] => found;
    "readoption::a_found_instance_can_be_used_and_stopped" [Need::Readopt, Need::Exec] => used;
    "readoption::an_exit_while_away_is_known" [Need::Readopt, Need::Processes] => away;
}

async fn restarted(bench: &Bench) -> Result<Arc<dyn WorkspaceRuntime>> {
    bench.harness.restarted().await.ok_or_else(|| {
        Error::unexpected("the runtime claims `readopt`, its harness gives no restarted handle")
    })
}

async fn found(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let before = bench.runtime().inspect(spec.id).await?;
    let after = restarted(&bench).await?.inspect(spec.id).await?;
    check(before.is_some() && before == after, || {
        format!("{before:?} became {after:?}")
    })
}

async fn used(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let runtime = restarted(&bench).await?;
    let finished = finish(
        runtime
            .exec(spec.id, &bench.command(&["exit", "5"]))
            .await?,
    )
    .await?;
    check(finished.exit.code == Some(5), || {
        format!("exec after re-adoption: {finished:?}")
    })?;
    runtime.stop(spec.id, StopMode::Kill).await?;
    let state = runtime.inspect(spec.id).await?;
    check(
        state
            .as_ref()
            .is_some_and(|s| matches!(s.phase, InstancePhase::Exited(_))),
        || format!("{state:?}"),
    )
}

async fn away(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.spec(&["exit", "6"]);
    bench.runtime().ensure(&spec).await?;
    bench.exit(spec.id).await?;
    let state = restarted(&bench).await?.inspect(spec.id).await?;
    let known = state
        .as_ref()
        .is_some_and(|s| matches!(&s.phase, InstancePhase::Exited(exit) if exit.code == Some(6)));
    check(known, || format!("expected exit code 6, got {state:?}"))
}
