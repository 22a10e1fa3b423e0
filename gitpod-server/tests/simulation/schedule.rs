//! What users and nature do to a world, and what it has to look like in the end.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitpod_content::Volumes as _;
use gitpod_core::WorkspaceId;
use gitpod_core::access::Principal;
use gitpod_core::instance::Exit;
use gitpod_core::store::{Query, WorkspaceStore as _};
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{ContentState, Desired, EventKind, Phase, Workspace};
use gitpod_runtime::WorkspaceRuntime as _;
use gitpod_server::platform::DEMO_REPOSITORY;
use gitpod_server::{CreateWorkspace, Platform};
use tokio_util::sync::CancellationToken;

use crate::backends::{Content, Images, Runtime, Supervisors, is_known, live, short};
use crate::rules::{Rule, is_settled};
use crate::run::Plan;
use crate::store::{Leases, Store};
use crate::world::{Life, World};

/// Faults and wishes come for this long.
const TROUBLE: Duration = Duration::from_mins(1);
/// Once faults end, everything is in its place after this: starts, stops and the grace time of deletions have their limits.
const PATIENCE: Duration = Duration::from_mins(25);
/// The driver looks for strays this often; nothing else happens in between.
const SWEEP: Duration = Duration::from_mins(11);

/// Limits that are short enough to be met.
pub(crate) fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.start = Duration::from_mins(3);
    policy.editor = Duration::from_secs(20);
    policy.interrupted = Duration::from_secs(40);
    policy.closed = Duration::from_secs(20);
    policy.inactivity = Duration::from_hours(2);
    policy.stop_grace = Duration::from_secs(10);
    policy.deletion_grace = Duration::from_mins(10);
    policy.backoff_most = Duration::from_secs(5);
    policy
}

/// The platforms that are up, by replica.
type Up = Arc<Mutex<Vec<Option<Platform>>>>;

fn platform(life: &Life, plan: Plan, shared: bool) -> Platform {
    let world = &life.world;
    let content = Arc::new(Content(life.clone()));
    let entropy = crate::chance::Dice::new(world.dice.below(u64::MAX));
    let mut builder = Platform::in_memory_builder()
        .runtime(Arc::new(Runtime(life.clone())))
        .supervision(Arc::new(Supervisors(life.clone())))
        .volumes(Arc::clone(&content) as _)
        .initializer(content)
        .resolver(Arc::clone(&world.repositories) as _)
        .images(Arc::new(Images(life.clone())))
        .store(Arc::new(Store(life.clone())))
        .clock(Arc::clone(&world.clock) as _)
        .entropy(Arc::new(entropy))
        .policy(policy())
        .decide_with(plan);
    if shared {
        builder = builder.leases(Arc::new(Leases(life.clone())));
    }
    builder.build().unwrap()
}

/// A replica: a server process that is started again each time it was killed, for as long as the operator cares.
async fn replica(world: Arc<World>, number: usize, plan: Plan, shared: bool, up: Up) {
    for epoch in 0_u32.. {
        let life = Life {
            world: Arc::clone(&world),
            name: format!("r{number}.{epoch}"),
            killed: CancellationToken::new(),
        };
        let platform = platform(&life, plan, shared);
        world.note(|| format!("{} starts", life.name));
        let running = platform.spawn();
        up.lock().unwrap()[number] = Some(platform);
        let until_killed = async {
            loop {
                let pause = world.dice.pause(Duration::from_secs(200));
                tokio::time::sleep(pause).await;
                if world.in_trouble() && world.dice.happens(300) {
                    return;
                }
            }
        };
        // With the same right each, in this order: chance is ours alone.
        tokio::select! {
            biased;
            () = life.killed.cancelled() => {}
            () = until_killed => {}
        }
        world.note(|| format!("{} is killed", life.name));
        up.lock().unwrap()[number] = None;
        if world.dice.happens(100) {
            world.note(|| format!("{} is told to end", life.name));
            running.drain().await;
        } else {
            drop(running);
        }
        tokio::time::sleep(world.dice.pause(Duration::from_secs(40))).await;
        // The first one always comes back; others may be gone for good.
        if number > 0 && world.dice.happens(100) {
            world.note(|| format!("r{number} does not come back"));
            return;
        }
    }
}

/// What people ask for. A refusal is theirs to bear.
async fn users(world: Arc<World>, up: Up) {
    let by = Principal::System;
    let mut ids: Vec<WorkspaceId> = Vec::new();
    let most = 1 + world.dice.below(4);
    while world.in_trouble() {
        tokio::time::sleep(world.dice.pause(Duration::from_secs(12))).await;
        if !world.in_trouble() {
            return;
        }
        let there: Vec<_> = up.lock().unwrap().iter().flatten().cloned().collect();
        let Some(platform) = world.dice.pick(&there) else {
            continue;
        };
        let create = ids.is_empty() || (ids.len() as u64) < most && world.dice.happens(400);
        if create {
            let created = ask(
                &world,
                platform.create(&by, CreateWorkspace::new(DEMO_REPOSITORY)),
            );
            if let Some(workspace) = created.await {
                ids.push(workspace.id);
            }
            continue;
        }
        let id = world.dice.pick(&ids).unwrap();
        match world.dice.below(20) {
            0..8 => drop(ask(&world, platform.start(&by, id)).await),
            8..15 => drop(ask(&world, platform.stop(&by, id)).await),
            15 => drop(ask(&world, platform.delete(&by, id)).await),
            16..18 => drop(ask(&world, platform.mark_closed(&by, id)).await),
            _ => drop(ask(&world, platform.mark_active(&by, id)).await),
        }
    }
}

/// A person waits for so long, and then goes away.
async fn ask<T>(_world: &World, call: impl Future<Output = gitpod_core::Result<T>>) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(10), call)
        .await
        .ok()?
        .ok()
}

/// What machines do.
async fn nature(world: Arc<World>) {
    let dice = &world.dice;
    while world.in_trouble() {
        tokio::time::sleep(dice.pause(Duration::from_secs(40))).await;
        if !world.in_trouble() {
            return;
        }
        let all = world.runtime.list().await.unwrap();
        match dice.below(10) {
            0..3 => {
                if let Some(state) = dice.pick(&all) {
                    let mut exit = Exit::with_code(1);
                    exit.oom_killed = dice.happens(300);
                    world.note(|| format!("{} ends by itself", short(state.id)));
                    world.runtime.finish(state.id, exit);
                }
            }
            3..5 => {
                world.note(|| String::from("the node is lost, with all instances"));
                for state in all {
                    world.runtime.lose(state.id);
                }
            }
            5..7 => world.runtime_fails_for(dice.pause(Duration::from_mins(2))),
            7..9 => world.store_fails_for(dice.pause(Duration::from_mins(1))),
            _ => {}
        }
    }
}

async fn settle(life: &Life) -> bool {
    let mut query = Query::default();
    query.include_deleted = true;
    let all = life.world.store.list(&query).await.unwrap();
    let running = live(life).await;
    let mut settled = all.iter().all(is_settled);
    for state in &running {
        settled &= is_known(life, state).await;
    }
    // An instance may have ended without a hint: that is noticed when it is looked at next.
    let runs = |record: &&Workspace| record.status.phase == Phase::Running;
    settled && all.iter().filter(runs).count() == running.len()
}

/// Everything there is, in the end.
async fn check_end(life: &Life) {
    let world = &life.world;
    let mut query = Query::default();
    query.include_deleted = true;
    for record in world.store.list(&query).await.unwrap() {
        if !is_settled(&record) {
            let (desired, phase) = (record.desired, record.status.phase.as_str());
            let how = format!("{} is {phase}, wanted {desired:?}", record.id);
            world.break_rule(Rule::Converges, how);
        }
        check_content(life, &record).await;
        check_events(life, &record).await;
    }
    for state in live(life).await {
        if !is_known(life, &state).await {
            let how = format!(
                "{} of {} runs, and nobody wants it",
                short(state.id),
                state.workspace
            );
            world.break_rule(Rule::Converges, how);
        }
    }
}

async fn check_content(life: &Life, record: &Workspace) {
    let world = &life.world;
    if record.status.content == ContentState::Present {
        let volume = world.volumes.inspect(&record.id).await.unwrap();
        if !volume.is_some_and(|volume| volume.initialized) {
            world.break_rule(Rule::ContentKept, format!("{} lost its content", record.id));
        }
    }
}

async fn check_events(life: &Life, record: &Workspace) {
    let world = &life.world;
    let events = world.store.history(&record.id, 500).await.unwrap();
    let told = events.iter().find_map(|event| match event.kind {
        EventKind::PhaseChanged { to, .. } => Some(to),
        EventKind::StartRequested { .. } => Some(Phase::Preparing),
        _ => None,
    });
    if told != Some(record.status.phase) {
        let how = format!("{} is {:?}, told {told:?}", record.id, record.status.phase);
        world.break_rule(Rule::EventsTell, how);
    }
}

/// One schedule, from the first wish to the last look.
pub(crate) async fn play(world: &Arc<World>, plan: Plan) {
    let replicas = usize::try_from(1 + world.dice.below(3)).unwrap();
    let up: Up = Arc::new(Mutex::new(vec![None; replicas]));
    world.note(|| format!("{replicas} replicas"));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..replicas {
        let run = replica(
            Arc::clone(world),
            number,
            plan,
            replicas > 1,
            Arc::clone(&up),
        );
        tasks.spawn(run);
    }
    tasks.spawn(users(Arc::clone(world), up));
    tasks.spawn(nature(Arc::clone(world)));
    tokio::time::sleep(TROUBLE).await;
    world.trouble.store(false, Ordering::Relaxed);
    world.note(|| String::from("no faults from here on"));
    let life = Life {
        world: Arc::clone(world),
        name: String::from("judge"),
        killed: CancellationToken::new(),
    };
    let end = tokio::time::Instant::now() + PATIENCE;
    while world.broken().is_none() && tokio::time::Instant::now() < end && !settle(&life).await {
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    check_end(&life).await;
    if world.broken().is_none() && world.dice.happens(125) {
        check_quiet(&life).await;
    }
    tasks.shutdown().await;
}

/// Nothing is written, made or ended for what is at its place.
async fn check_quiet(life: &Life) {
    let world = &life.world;
    world.note(|| String::from("all is at its place"));
    tokio::time::sleep(Duration::from_secs(30)).await;
    let before = world.store.last_sequence().await.unwrap();
    world.quiet.store(true, Ordering::Relaxed);
    tokio::time::sleep(SWEEP).await;
    for event in world.store.events(before, 10).await.unwrap() {
        let record = world.record(&event.workspace).await;
        let stopped = record.is_some_and(|r| {
            r.status.phase == Phase::Stopped && !matches!(r.desired, Desired::Deleted { .. })
        });
        if stopped {
            world.break_rule(Rule::StoppedIsQuiet, format!("{event:?}"));
        }
    }
    check_end(life).await;
}
