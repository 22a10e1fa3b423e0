//! The control plane under thousands of seeded schedules of faults, in virtual time: the real driver over memory backends, several
//! replicas with leases, one thread. The same seed gives the same schedule, to the last call.
//!
//! `SIM_SEEDS=100000` runs more of them; `SIM_SEED=7` runs one and prints its trace.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::print_stdout,
    reason = "figures and traces are for whoever runs it"
)]

#[path = "simulation/backends.rs"]
mod backends;
#[path = "simulation/broken.rs"]
mod broken;
#[path = "simulation/chance.rs"]
mod chance;
#[path = "simulation/rules.rs"]
mod rules;
#[path = "simulation/run.rs"]
mod run;
#[path = "simulation/schedule.rs"]
mod schedule;
#[path = "simulation/store.rs"]
mod store;
#[path = "simulation/world.rs"]
mod world;

use gitpod_core::workspace::decide;

use rules::Rule;
use run::{Plan, explore, replay};

/// Schedules of a run that is not told otherwise.
const SEEDS: u64 = 10_000;
/// A plan that is broken on purpose has to be found out within so many.
const BITES_WITHIN: u64 = 1_000;

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
    )
}

#[test]
fn every_schedule_keeps_the_promises() {
    if let Some(seed) = from_environment("SIM_SEED") {
        let outcome = replay(seed, decide);
        println!("{}", outcome.trace.join("\n"));
        assert!(outcome.broken.is_none(), "{}", outcome.broken.unwrap());
        return;
    }
    let seeds = from_environment("SIM_SEEDS").unwrap_or(SEEDS);
    let found = explore(seeds, decide);
    println!("{found}");
    found.assert_clean(decide);
}

#[test]
fn the_same_seed_gives_the_same_schedule() {
    for seed in 0..20 {
        let (first, second) = (replay(seed, decide), replay(seed, decide));
        assert!(
            first.trace.len() > 50,
            "seed {seed} does too little: {}",
            first.trace.len()
        );
        let differs = first.trace.iter().zip(&second.trace).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.trace.len(), second.trace.len(), "seed {seed}");
    }
}

fn bites(plan: Plan, rule: Rule) {
    let found = (0..BITES_WITHIN).find(|seed| {
        let broken = replay(*seed, plan).broken;
        broken.is_some_and(|broken| broken.rule == rule)
    });
    let seed = found.expect("within so many schedules nobody noticed");
    println!("{rule:?}: seed {seed}");
}

#[test]
fn content_that_goes_before_it_may_is_noticed() {
    bites(broken::content_goes_when_it_stops, Rule::ContentKept);
}

#[test]
fn a_second_instance_is_noticed() {
    bites(broken::another_instance_when_in_doubt, Rule::OneInstance);
}

#[test]
fn a_phase_that_goes_back_is_noticed() {
    bites(broken::initializes_again, Rule::LegalEdges);
}
