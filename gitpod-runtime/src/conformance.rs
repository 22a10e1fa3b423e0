//! The suite every runtime has to pass, ours and yours.
//!
//! ```no_run
//! # use std::{process::ExitCode, sync::Arc};
//! use gitpod_runtime::conformance::{Harness, run};
//! use gitpod_runtime::memory::MemoryRuntime;
//! # use gitpod_runtime::WorkspaceRuntime;
//!
//! #[derive(Debug, Default)]
//! struct Mine(MemoryRuntime);
//!
//! #[async_trait::async_trait]
//! impl Harness for Mine {
//!     fn runtime(&self) -> Arc<dyn WorkspaceRuntime> {
//!         Arc::new(self.0.clone())
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     run(Mine::default())
//! }
//! ```
//!
//! Put that in a test target with `harness = false`. Cases that do not apply to the runtime's capabilities are reported as
//! ignored, with the reason; a runtime that claims what it lacks fails by name. The set of cases is not covered by semantic
//! versioning: a new release may find what an old one did not.
//!
//! Cases run *guest programs*: the test executable itself, bind-mounted into the instance, started with a marker as its first
//! argument (see [`Harness::guest`]). So the suite needs nothing of the image but a dynamic loader it can run on.

mod case;
mod concurrency;
mod dial;
mod egress;
mod exec;
mod guest;
mod harness;
mod isolation;
mod lifecycle;
mod limits;
mod readoption;
mod stop;

pub use harness::{Guest, Harness};

use std::process::ExitCode;
use std::sync::Arc;

use case::Case;
use libtest_mimic::{Arguments, Trial};

/// Runs the suite against `harness`' runtime; arguments are those of `cargo test` and `cargo nextest`.
///
/// Call it first in `main` (after a runtime's own re-exec hook): the guest programs start here too.
pub fn run(harness: impl Harness) -> ExitCode {
    let mut arguments = std::env::args();
    let _program = arguments.next();
    if let Some(guest) = guest::recognise(arguments) {
        return guest.play();
    }
    let harness: Arc<dyn Harness> = Arc::new(harness);
    let capabilities = harness.runtime().info().capabilities;
    let trials = [
        lifecycle::CASES,
        stop::CASES,
        exec::CASES,
        dial::CASES,
        limits::CASES,
        isolation::CASES,
        egress::CASES,
        concurrency::CASES,
        readoption::CASES,
    ]
    .into_iter()
    .flatten()
    .map(|case| trial(case, &harness, capabilities))
    .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(
    case: &'static Case,
    harness: &Arc<dyn Harness>,
    capabilities: crate::Capabilities,
) -> Trial {
    let missing = case.needs.iter().find(|need| !need.is_met(capabilities));
    let harness = Arc::clone(harness);
    let trial = Trial::test(case.name, move || case.run(harness));
    match missing {
        Some(need) => trial.with_kind(need.reason()).with_ignored_flag(true),
        None => trial,
    }
}
