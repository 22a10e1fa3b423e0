//! Many schedules on all cores, each in a runtime of its own on one thread, in virtual time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{Facts, Round, Workspace};
use tokio::time::Instant;

use crate::rules::{Broken, Rule};
use crate::schedule::play;
use crate::world::World;

/// What decides about workspaces.
pub(crate) type Plan = fn(&Workspace, &Facts, &Policy) -> Round;

/// Lines of a trace that are shown of a schedule that failed.
const SHOWN: usize = 400;

/// How one schedule went.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) broken: Option<Broken>,
    pub(crate) trace: Vec<String>,
    pub(crate) calls: u64,
    pub(crate) virtual_time: Duration,
}

fn run(seed: u64, plan: Plan, traced: bool) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let world = Arc::new(World::new(seed, traced));
        play(&world, plan).await;
        Outcome {
            broken: world.broken(),
            trace: world.take_trace(),
            calls: world.calls.load(Ordering::Relaxed),
            virtual_time: start.elapsed(),
        }
    })
}

/// One schedule, with its trace.
pub(crate) fn replay(seed: u64, plan: Plan) -> Outcome {
    run(seed, plan, true)
}

/// What many schedules showed.
#[derive(Debug, Default)]
pub(crate) struct Found {
    schedules: u64,
    calls: u64,
    virtual_time: Duration,
    broken: BTreeMap<u64, Broken>,
}

/// The schedules of the seeds below `seeds`.
pub(crate) fn explore(seeds: u64, plan: Plan) -> Found {
    let next = AtomicU64::new(0);
    let found = Mutex::new(Found::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    let outcome = run(seed, plan, false);
                    found.lock().unwrap().add(seed, outcome);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

impl Found {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.schedules += 1;
        self.calls += outcome.calls;
        self.virtual_time += outcome.virtual_time;
        if let Some(broken) = outcome.broken {
            self.broken.insert(seed, broken);
        }
    }

    /// # Panics
    /// If a promise was broken; with the trace of the first schedule, and the command that runs it again.
    pub(crate) fn assert_clean(&self, plan: Plan) {
        let Some((seed, broken)) = self.broken.first_key_value() else {
            return;
        };
        let trace = replay(*seed, plan).trace;
        let from = trace.len().saturating_sub(SHOWN);
        panic!(
            "{self}\n{}\n{broken}\nrun it again: SIM_SEED={seed} cargo test -p gitpod-server --test simulation \
             every_schedule -- --nocapture",
            trace[from..].join("\n"),
        );
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.virtual_time.as_secs() / 3600;
        write!(
            f,
            "{} schedules, {hours} hours, {} calls of backends, {} broken",
            self.schedules,
            self.calls,
            self.broken.len()
        )?;
        let mut rules = BTreeMap::<Rule, (u64, u64)>::new();
        for (seed, broken) in &self.broken {
            rules.entry(broken.rule).or_insert((0, *seed)).0 += 1;
        }
        for (rule, (times, seed)) in rules {
            write!(f, "; {rule:?}: {times}, first seed {seed}")?;
        }
        Ok(())
    }
}
