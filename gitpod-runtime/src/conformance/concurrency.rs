//! Many callers at once.

use std::sync::Arc;

use futures::future::try_join_all;
use gitpod_core::Result;
use gitpod_core::instance::InstancePhase;

use super::case::{Bench, cases, check};

cases! {
    "concurrency::many_ensures_of_one_start_one" [] => one;
    "concurrency::many_instances_start_at_once" [] => many;
    "concurrency::remove_and_ensure_do_not_tear" [] => race;
}

async fn one(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.spec(&["sleep"]);
    let runtime = bench.runtime();
    try_join_all((0..8).map(|_| runtime.ensure(&spec))).await?;
    let count = runtime
        .list()
        .await?
        .into_iter()
        .filter(|state| state.id == spec.id)
        .count();
    check(count == 1, || {
        format!("expected one instance, found {count}")
    })
}

async fn many(bench: Arc<Bench>) -> Result<()> {
    let specs: Vec<_> = (0..10).map(|_| bench.spec(&["sleep"])).collect();
    let runtime = bench.runtime();
    try_join_all(specs.iter().map(|spec| runtime.ensure(spec))).await?;
    for spec in &specs {
        let state = runtime.inspect(spec.id).await?;
        check(
            state
                .as_ref()
                .is_some_and(|s| s.phase == InstancePhase::Running),
            || format!("not running: {state:?}"),
        )?;
    }
    try_join_all(specs.iter().map(|spec| runtime.remove(spec.id))).await?;
    Ok(())
}

async fn race(bench: Arc<Bench>) -> Result<()> {
    let runtime = bench.runtime();
    for _ in 0..4 {
        let spec = bench.spec(&["sleep"]);
        let (started, removed) = tokio::join!(runtime.ensure(&spec), runtime.remove(spec.id));
        removed?;
        // Whoever came first: either it runs, or nothing of it is there.
        let state = runtime.inspect(spec.id).await?;
        let whole = match &state {
            None => true,
            Some(state) => started.is_ok() && state.phase == InstancePhase::Running,
        };
        check(whole, || {
            format!("ensure answered {started:?}, the instance is {state:?}")
        })?;
    }
    Ok(())
}
