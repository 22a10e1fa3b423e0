//! The suite every backend has to pass, ours and yours.
//!
//! ```no_run
//! # use std::{process::ExitCode, sync::Arc};
//! use gitpod_content::Volumes;
//! use gitpod_content::conformance::{Harness, run};
//! use gitpod_content::memory::MemoryVolumes;
//!
//! #[derive(Debug, Default)]
//! struct Mine(Arc<MemoryVolumes>);
//!
//! impl Harness for Mine {
//!     fn volumes(&self) -> Arc<dyn Volumes> {
//!         Arc::clone(&self.0) as _
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     run(Mine::default())
//! }
//! ```
//!
//! Put that in a test target with `harness = false`. Cases that do not apply are reported as ignored, with the reason. The set
//! of cases is not covered by semantic versioning: a new release may find what an old one did not.

mod case;
mod harness;
mod initializer;
mod repository;
mod resolver;
mod volumes;

pub use harness::Harness;
pub use repository::make_repository;

use std::process::ExitCode;
use std::sync::Arc;

use case::Case;
use libtest_mimic::{Arguments, Trial};

/// Runs the suite against `harness`' backends; arguments are those of `cargo test` and `cargo nextest`.
pub fn run(harness: impl Harness) -> ExitCode {
    let harness: Arc<dyn Harness> = Arc::new(harness);
    let trials = [volumes::CASES, initializer::CASES, resolver::CASES]
        .into_iter()
        .flatten()
        .map(|case| trial(case, &harness))
        .collect();
    let mut arguments = Arguments::from_args();
    if harness.is_durable() {
        // A store that is opened again takes the place of the first one: no case may use that at the same time.
        arguments.test_threads = Some(1);
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(case: &'static Case, harness: &Arc<dyn Harness>) -> Trial {
    let missing = case.needs.iter().find(|need| !need.is_met(&**harness));
    let harness = Arc::clone(harness);
    let trial = Trial::test(case.name, move || case.run(harness));
    match missing {
        Some(need) => trial.with_kind(need.reason()).with_ignored_flag(true),
        None => trial,
    }
}
