//! ensure, inspect, mark, release, remove, list.

use std::fs;
use std::sync::Arc;

use gitpod_core::{Error, ErrorKind, Result};

use super::case::{Bench, Need, cases, check};

cases! {
    "volumes::ensure_is_idempotent" [] => idempotent;
    "volumes::unknown_volumes_are_none" [] => unknown;
    "volumes::removing_nothing_succeeds" [] => remove_nothing;
    "volumes::a_removed_volume_is_gone" [] => removed;
    "volumes::list_has_every_volume" [] => listed;
    "volumes::complete_is_what_was_marked" [] => marked;
    "volumes::what_is_not_there_cannot_be_complete" [] => mark_nothing;
    "volumes::release_keeps_the_files" [] => released;
    "volumes::concurrent_calls_make_one" [] => concurrent;
    "volumes::each_has_its_own_files" [Need::Files] => apart;
    "volumes::a_limit_is_no_reason_to_fail" [Need::Files] => limited;
    "volumes::a_volume_made_again_is_empty" [Need::Files] => made_again;
    "volumes::files_outlive_the_process" [Need::Files, Need::Durable] => durable;
}

async fn idempotent(bench: Arc<Bench>) -> Result<()> {
    let first = bench.volume().await?;
    let again = bench
        .harness
        .volumes()
        .ensure(&first.workspace, None)
        .await?;
    check(first == again && !first.initialized, || {
        format!("{first:?}, then {again:?}")
    })
}

async fn unknown(bench: Arc<Bench>) -> Result<()> {
    let found = bench.harness.volumes().inspect(&bench.name()).await?;
    check(found.is_none(), || {
        format!("a volume nobody made: {found:?}")
    })
}

async fn remove_nothing(bench: Arc<Bench>) -> Result<()> {
    bench.harness.volumes().remove(&bench.name()).await?;
    bench.harness.volumes().release(&bench.name()).await
}

async fn removed(bench: Arc<Bench>) -> Result<()> {
    let volumes = bench.harness.volumes();
    let id = bench.volume().await?.workspace;
    volumes.remove(&id).await?;
    volumes.remove(&id).await?;
    let found = volumes.inspect(&id).await?;
    check(
        found.is_none() && !volumes.list().await?.contains(&id),
        || format!("{id} is still there: {found:?}"),
    )
}

async fn listed(bench: Arc<Bench>) -> Result<()> {
    let (a, b) = (bench.volume().await?, bench.volume().await?);
    let all = bench.harness.volumes().list().await?;
    check(
        all.contains(&a.workspace) && all.contains(&b.workspace),
        || format!("missing in {all:?}"),
    )
}

async fn marked(bench: Arc<Bench>) -> Result<()> {
    let volumes = bench.harness.volumes();
    let id = bench.volume().await?.workspace;
    volumes.mark_initialized(&id).await?;
    volumes.mark_initialized(&id).await?;
    let inspected = volumes.inspect(&id).await?.is_some_and(|v| v.initialized);
    let ensured = volumes.ensure(&id, None).await?.initialized;
    check(inspected && ensured, || String::from("the mark is lost"))
}

async fn mark_nothing(bench: Arc<Bench>) -> Result<()> {
    let marked = bench
        .harness
        .volumes()
        .mark_initialized(&bench.name())
        .await;
    let kind = marked.err().map(|error| error.kind());
    check(kind == Some(ErrorKind::NotFound), || format!("{kind:?}"))
}

async fn released(bench: Arc<Bench>) -> Result<()> {
    let volumes = bench.harness.volumes();
    let volume = bench.volume().await?;
    if bench.harness.has_files() {
        fs::write(volume.upper.join("mine"), "x").map_err(refused)?;
    }
    volumes.release(&volume.workspace).await?;
    let again = volumes.inspect(&volume.workspace).await?;
    let kept = again.is_some_and(|v| {
        v == volume && (!bench.harness.has_files() || v.upper.join("mine").exists())
    });
    check(kept, || String::from("the volume is not what it was"))
}

async fn concurrent(bench: Arc<Bench>) -> Result<()> {
    let id = bench.name();
    let volumes = bench.harness.volumes();
    let all = futures::future::try_join_all((0..8).map(|_| volumes.ensure(&id, None))).await?;
    check(all.windows(2).all(|pair| pair[0] == pair[1]), || {
        format!("{all:?}")
    })
}

async fn apart(bench: Arc<Bench>) -> Result<()> {
    let (a, b) = (bench.volume().await?, bench.volume().await?);
    fs::write(a.upper.join("mine"), "x").map_err(refused)?;
    check(!b.upper.join("mine").exists(), || {
        String::from("a file of one is in the other")
    })
}

async fn limited(bench: Arc<Bench>) -> Result<()> {
    let volume = bench
        .harness
        .volumes()
        .ensure(&bench.name(), Some(64 << 20))
        .await?;
    fs::write(volume.upper.join("mine"), "x").map_err(refused)
}

async fn made_again(bench: Arc<Bench>) -> Result<()> {
    let volumes = bench.harness.volumes();
    let volume = bench.volume().await?;
    fs::write(volume.upper.join("mine"), "x").map_err(refused)?;
    volumes.mark_initialized(&volume.workspace).await?;
    volumes.remove(&volume.workspace).await?;
    let again = volumes.ensure(&volume.workspace, None).await?;
    let files = fs::read_dir(&again.upper).map_err(refused)?.count();
    check(files == 0 && !again.initialized, || {
        format!("{files} files, {again:?}")
    })
}

async fn durable(bench: Arc<Bench>) -> Result<()> {
    let volume = bench.volume().await?;
    fs::write(volume.upper.join("mine"), "x").map_err(refused)?;
    bench
        .harness
        .volumes()
        .mark_initialized(&volume.workspace)
        .await?;
    let Some(reopened) = bench.harness.reopened().await else {
        return Err(Error::unexpected(
            "the harness says it is durable and does not reopen",
        ));
    };
    let again = reopened.inspect(&volume.workspace).await?;
    let kept = again.is_some_and(|v| v.initialized && v.upper.join("mine").exists());
    check(kept, || String::from("the volume is not what it was"))
}

fn refused(source: std::io::Error) -> Error {
    Error::unexpected("the volume's files cannot be used").with_source(source)
}
