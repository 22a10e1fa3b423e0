//! Every parser of this crate, on input that nobody wrote: a fixed budget in CI, from a fixed seed, so that a failure repeats.
//!
//! `FUZZ_RUNS=1000000 cargo test --release -p gitpod-core --test fuzz` does more; `FUZZ_SEED=n` starts elsewhere; `FUZZ_TARGET=name`
//! tries one parser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "fuzz/files.rs"]
mod files;
#[path = "fuzz/mutator.rs"]
mod mutator;
#[path = "fuzz/targets.rs"]
mod targets;
#[path = "fuzz/yaml.rs"]
mod yaml;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use mutator::{Mutator, number};
use targets::{TARGETS, Target};

/// Inputs for each parser.
const RUNS: u64 = 1_500;
/// Longest input that was changed at random; the long ones are regular.
const LONGEST: usize = 4_096;
/// The length that each parser has to answer soon.
const LONG: usize = 10 << 20;
/// How soon; a debug build is some ten times slower, and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 1 });
/// Longest complaint: what is shown of an input is cut.
const COMPLAINT: usize = 1_000;

fn chosen() -> impl Iterator<Item = &'static Target> {
    let name = std::env::var("FUZZ_TARGET").ok();
    let targets = TARGETS
        .iter()
        .filter(move |target| name.as_deref().is_none_or(|name| name == target.name));
    let targets: Vec<_> = targets.collect();
    assert!(!targets.is_empty(), "there is no parser of that name");
    targets.into_iter()
}

/// Runs the parser, and judges what it says about the input, not whether it likes it.
fn feed(target: &Target, input: &str, label: &dyn std::fmt::Display) {
    let parsed = catch_unwind(AssertUnwindSafe(|| (target.parse)(input)));
    let head: String = input.chars().take(400).collect();
    let Ok(complaint) = parsed else {
        panic!("{} panics, {label}: {head:?}", target.name)
    };
    if let Some(complaint) = complaint {
        let clean =
            !complaint.is_empty() && !complaint.contains(|c: char| c.is_control() && c != '\n');
        assert!(
            clean && complaint.chars().count() <= COMPLAINT,
            "{} complains badly, {label}: {complaint:?} about {head:?}",
            target.name
        );
    }
}

#[test]
fn no_input_breaks_a_parser() {
    let runs = number("FUZZ_RUNS", RUNS);
    let seed = number("FUZZ_SEED", 1);
    for target in chosen() {
        let seeds = (target.seeds)();
        for index in 0..runs {
            let mut mutator = Mutator::new(seed, index);
            let input = mutator.input(&seeds, target.parts, LONGEST);
            feed(
                target,
                &input,
                &format_args!("FUZZ_SEED={seed}, input {index}"),
            );
        }
    }
}

#[test]
fn ten_mebibytes_are_answered_soon() {
    for target in chosen() {
        let seeds = (target.seeds)();
        let seed = seeds
            .iter()
            .min_by_key(|seed| seed.len())
            .map_or("", String::as_str);
        let units = target.parts.iter().copied().chain(["a", "é", seed]);
        for unit in units.filter(|unit| !unit.is_empty()) {
            let long = unit.repeat(LONG / unit.len());
            for input in [&long, &format!("{seed}{long}")] {
                #[expect(clippy::disallowed_methods, reason = "measures the parser itself")]
                let start = std::time::Instant::now();
                feed(target, input, &format_args!("10 MiB of {unit:?}"));
                let took = start.elapsed();
                assert!(
                    took < PATIENCE,
                    "{} takes {took:?} for 10 MiB of {unit:?}",
                    target.name
                );
            }
        }
    }
}
