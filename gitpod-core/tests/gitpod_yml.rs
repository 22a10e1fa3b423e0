//! `.gitpod.yml`: files that are accepted, files that are not, what a file comes to, hostile files; what is
//! inferred without a file.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "gitpod_yml/accepted.rs"]
mod accepted;
#[path = "gitpod_yml/composed.rs"]
mod composed;
#[path = "gitpod_yml/hostile.rs"]
mod hostile;
#[path = "gitpod_yml/inferred.rs"]
mod inferred;
#[path = "gitpod_yml/mutated.rs"]
mod mutated;
#[path = "fuzz/mutator.rs"]
mod mutator;
#[path = "gitpod_yml/problems.rs"]
mod problems;
#[path = "gitpod_yml/schema.rs"]
mod schema;
#[path = "gitpod_yml/verdicts.rs"]
mod verdicts;
#[path = "fuzz/yaml.rs"]
mod yaml;
