//! Limits hurt only the one who reaches them.

use std::sync::Arc;

use gitpod_core::Result;
use gitpod_core::class::Resources;

use super::case::{Bench, Need, cases, check};

cases! {
    "limits::a_memory_hog_is_killed_for_memory" [Need::Processes, Need::Memory] => memory;
    "limits::within_the_memory_limit_nothing_happens" [Need::Processes, Need::Memory] => within;
    "limits::a_fork_bomb_stops_at_its_limit" [Need::Exec, Need::Pids] => pids;
    "limits::a_spinning_process_gets_its_share" [Need::Exec, Need::Cpu] => cpu;
}

const LIMIT: u64 = 64 << 20;

async fn memory(bench: Arc<Bench>) -> Result<()> {
    let mut spec = bench.spec(&["hog", "256"]);
    spec.resources = Resources::unlimited().with_memory_bytes(LIMIT);
    bench.runtime().ensure(&spec).await?;
    let exit = bench.exit(spec.id).await?;
    check(exit.oom_killed && !exit.is_success(), || {
        format!("expected a kill for memory, got {exit:?}")
    })
}

async fn within(bench: Arc<Bench>) -> Result<()> {
    let mut spec = bench.spec(&["hog", "16"]);
    spec.resources = Resources::unlimited().with_memory_bytes(LIMIT);
    bench.runtime().ensure(&spec).await?;
    let exit = bench.exit(spec.id).await?;
    check(!exit.oom_killed && exit.is_success(), || {
        format!("expected success, got {exit:?}")
    })
}

async fn pids(bench: Arc<Bench>) -> Result<()> {
    let mut spec = bench.spec(&["sleep"]);
    spec.resources = Resources::unlimited().with_pids(64);
    bench.runtime().ensure(&spec).await?;
    let finished = bench.run(spec.id, &["spawn", "500"]).await?;
    let started: u32 = finished.stdout.trim().parse().unwrap_or(u32::MAX);
    check((1..=64).contains(&started), || {
        format!("expected at most 64 processes, got {finished:?}")
    })
}

async fn cpu(bench: Arc<Bench>) -> Result<()> {
    let mut spec = bench.spec(&["sleep"]);
    spec.resources = Resources::unlimited().with_cpu_millis(200);
    bench.runtime().ensure(&spec).await?;
    let finished = bench.run(spec.id, &["spin", "2000"]).await?;
    let used: u32 = finished.stdout.trim().parse().unwrap_or(u32::MAX);
    // A fifth of 2000 ms is 400; double it for periods and ticks. Without a limit it would be near 2000 on an idle machine.
    check(used <= 800, || {
        format!("expected at most 800 ms of CPU, got {finished:?}")
    })
}
