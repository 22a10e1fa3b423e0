//! ensure, inspect, list, remove.

use std::sync::Arc;

use gitpod_core::instance::InstancePhase;
use gitpod_core::{ErrorKind, InstanceId, Result};

use super::case::{Bench, Need, cases, check, refuses};

cases! {
    "lifecycle::a_started_instance_runs" [] => runs;
    "lifecycle::ensure_is_idempotent" [] => idempotent;
    "lifecycle::unknown_instances_are_none" [] => unknown;
    "lifecycle::removing_nothing_succeeds" [] => remove_nothing;
    "lifecycle::a_removed_instance_is_gone" [] => removed;
    "lifecycle::list_has_every_instance" [] => listed;
    "lifecycle::specifications_that_cannot_run_are_refused" [] => refused;
    "lifecycle::exit_codes_are_reported" [Need::Processes] => exit_code;
    "lifecycle::a_missing_command_is_not_found" [Need::Processes] => missing_command;
    "lifecycle::ensure_leaves_an_exited_instance_as_it_is" [Need::Processes] => stays_exited;
}

async fn runs(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let state = bench.runtime().inspect(spec.id).await?;
    let fine = state.as_ref().is_some_and(|s| {
        s.id == spec.id
            && s.workspace == spec.workspace
            && s.phase == InstancePhase::Running
            && s.started_at.is_some()
    });
    check(fine, || {
        format!("expected a running instance, got {state:?}")
    })
}

async fn idempotent(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let before = bench.runtime().inspect(spec.id).await?;
    bench.runtime().ensure(&spec).await?;
    let after = bench.runtime().inspect(spec.id).await?;
    check(before == after, || {
        format!("a second ensure changed {before:?} into {after:?}")
    })
}

async fn unknown(bench: Arc<Bench>) -> Result<()> {
    let state = bench.runtime().inspect(InstanceId::random()).await?;
    check(state.is_none(), || {
        format!("an instance nobody made: {state:?}")
    })
}

async fn remove_nothing(bench: Arc<Bench>) -> Result<()> {
    bench.runtime().remove(InstanceId::random()).await
}

async fn removed(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    bench.runtime().remove(spec.id).await?;
    let state = bench.runtime().inspect(spec.id).await?;
    check(state.is_none(), || {
        format!("still there after remove: {state:?}")
    })?;
    bench.runtime().remove(spec.id).await
}

async fn listed(bench: Arc<Bench>) -> Result<()> {
    let (first, second) = (bench.idle().await?, bench.idle().await?);
    let ids: Vec<_> = bench
        .runtime()
        .list()
        .await?
        .into_iter()
        .map(|state| state.id)
        .collect();
    check(ids.contains(&first.id) && ids.contains(&second.id), || {
        format!("{ids:?} lacks {first:?} or {second:?}")
    })
}

async fn refused(bench: Arc<Bench>) -> Result<()> {
    let mut empty = bench.spec(&["sleep"]);
    empty.command.clear();
    let mut relative = bench.spec(&["sleep"]);
    relative.command = vec![String::from("sleep")];
    let mut nul = bench.spec(&["sleep"]);
    nul.env.push((String::from("A"), String::from("b\0c")));
    for spec in [empty, relative, nul] {
        refuses(
            bench.runtime().ensure(&spec).await,
            ErrorKind::InvalidInput,
            "a specification that cannot run",
        )?;
        let state = bench.runtime().inspect(spec.id).await?;
        check(state.is_none(), || {
            format!("a refused instance exists: {state:?}")
        })?;
    }
    Ok(())
}

async fn exit_code(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.spec(&["exit", "7"]);
    bench.runtime().ensure(&spec).await?;
    let exit = bench.exit(spec.id).await?;
    check(exit.code == Some(7), || {
        format!("expected exit code 7, got {exit:?}")
    })
}

async fn missing_command(bench: Arc<Bench>) -> Result<()> {
    let mut spec = bench.spec(&["sleep"]);
    spec.command = vec![String::from("/no/such/program")];
    refuses(
        bench.runtime().ensure(&spec).await,
        ErrorKind::NotFound,
        "a missing command",
    )?;
    let state = bench.runtime().inspect(spec.id).await?;
    check(state.is_none(), || format!("a failed start left {state:?}"))
}

async fn stays_exited(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.spec(&["exit", "3"]);
    bench.runtime().ensure(&spec).await?;
    bench.exit(spec.id).await?;
    bench.runtime().ensure(&spec).await?;
    let exit = bench.exit(spec.id).await?;
    check(exit.code == Some(3), || {
        format!("ensure changed an exited instance: {exit:?}")
    })
}
