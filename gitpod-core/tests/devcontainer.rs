//! `devcontainer.json`: files that are accepted, files that are not, what a file comes to, and hostile files.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "devcontainer/accepted.rs"]
mod accepted;
#[path = "devcontainer/applied.rs"]
mod applied;
#[path = "devcontainer/chosen.rs"]
mod chosen;
#[path = "devcontainer/commands.rs"]
mod commands;
#[path = "devcontainer/features.rs"]
mod features;
#[path = "devcontainer/hostile.rs"]
mod hostile;
#[path = "devcontainer/noticed.rs"]
mod noticed;
#[path = "devcontainer/problems.rs"]
mod problems;

use gitpod_core::devcontainer::{Applied, Devcontainer, Mode, Surroundings, parse};

/// A file that is accepted.
fn file(text: &str) -> Devcontainer {
    let parsed = parse(text, Mode::Lenient).into_result("devcontainer.json");
    parsed.unwrap_or_else(|e| panic!("{text}: {e}")).0
}

/// What a file in `.devcontainer` comes to in a repository at `/workspace/app`.
fn apply(text: &str) -> Applied {
    file(text).apply(&surroundings())
}

fn surroundings() -> Surroundings {
    Surroundings::new(".devcontainer/devcontainer.json", "app", "w1")
}
