//! `.gitpod.yml`: files that are accepted, files that are not, what a file comes to, and hostile files.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "gitpod_yml/accepted.rs"]
mod accepted;
#[path = "gitpod_yml/composed.rs"]
mod composed;
#[path = "gitpod_yml/hostile.rs"]
mod hostile;
#[path = "gitpod_yml/problems.rs"]
mod problems;
