//! What deciding costs: one decision, and a control plane with a hundred thousand workspaces that nobody uses.
//!
//! ```text
//! cargo bench -p benches --bench plan
//! ```
//!
//! The bound is 5 µs for a decision. The idle control plane is compared with one that has a single workspace, in the same run.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures time and prints"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use gitpod_core::store::WorkspaceStore as _;
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{
    ContextRecord, EditorFact, EventKind, Facts, InstanceFact, NewWorkspace, Phase,
    SupervisorFacts, Workspace, begin, decide,
};
use gitpod_core::{InstanceId, OrganizationId, Secret, Timestamp, UserId, WorkspaceId};
use gitpod_server::Platform;
use gitpod_server::store::MemoryStore;

const DECISIONS: u32 = 200_000;
const BOUND: Duration = Duration::from_micros(5);
const IDLE: usize = 100_000;
const WATCHED: Duration = Duration::from_secs(10);

fn workspace(number: usize) -> Workspace {
    let spec = NewWorkspace::new(
        UserId::random(),
        OrganizationId::random(),
        ContextRecord::new("https://git.example/o/r"),
    );
    // One letter of the id for each four bits: what is more than the alphabet has would stand for another letter, too.
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().skip(2).take(8).enumerate() {
        *byte = u8::try_from(number >> (4 * place) & 0xf).unwrap_or(0);
    }
    Workspace::new(WorkspaceId::generate(bytes), spec, Timestamp::UNIX_EPOCH)
}

/// A workspace that runs, and what is seen of it.
fn running() -> (Workspace, Facts) {
    let mut workspace = workspace(0);
    let now = Timestamp::UNIX_EPOCH;
    begin(
        &mut workspace,
        InstanceId::random(),
        Secret::from("token"),
        now,
    );
    let mut facts = Facts::new(now);
    facts.instance = InstanceFact::Running { since: None };
    facts.supervisor = Some(SupervisorFacts {
        editor: EditorFact {
            ready: true,
            failed: None,
        },
        ..SupervisorFacts::default()
    });
    while workspace.status.phase != Phase::Running {
        workspace = decide(&workspace, &facts, &Policy::default()).workspace;
    }
    (workspace, facts)
}

fn one_decision(what: &str, workspace: &Workspace, facts: &Facts) {
    let policy = Policy::default();
    let start = Instant::now();
    for _ in 0..DECISIONS {
        black_box(decide(black_box(workspace), black_box(facts), &policy));
    }
    let each = start.elapsed() / DECISIONS;
    let ratio = each.as_secs_f64() / BOUND.as_secs_f64();
    println!("one decision, {what:<9} {each:>10.2?}   {ratio:.3} of the bound of {BOUND:?}");
}

/// The processor time this process has used.
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(used.tv_sec).unwrap_or_default(),
        u32::try_from(used.tv_nsec).unwrap_or_default(),
    )
}

/// The processor time of a control plane that has nothing to do, while it is watched.
async fn idle(workspaces: usize) -> Result<Duration> {
    let store = Arc::new(MemoryStore::default());
    for number in 0..workspaces {
        store
            .create(&workspace(number), &[EventKind::Created])
            .await?;
    }
    let platform = Platform::in_memory_builder().store(store).build()?;
    let running = platform.spawn();
    tokio::time::sleep(Duration::from_secs(2)).await; // it looks for what there is to do, once
    let before = processor_time();
    tokio::time::sleep(WATCHED).await;
    let used = processor_time().saturating_sub(before);
    println!("{workspaces:>7} idle workspaces, {WATCHED:?}: {used:?} of processor time");
    running.drain().await;
    Ok(used)
}

fn main() -> Result<()> {
    let (workspace, facts) = running();
    one_decision("running", &workspace, &facts);
    one_decision(
        "stopped",
        &self::workspace(1),
        &Facts::new(Timestamp::UNIX_EPOCH),
    );
    tokio::runtime::Runtime::new()?.block_on(async {
        let (one, many) = (idle(1).await?, idle(IDLE).await?);
        let more = many.saturating_sub(one);
        println!(
            "{:.3} % of a core more for {IDLE} idle workspaces",
            100.0 * more.as_secs_f64() / WATCHED.as_secs_f64()
        );
        Ok(())
    })
}
