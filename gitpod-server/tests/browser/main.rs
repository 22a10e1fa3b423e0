//! The whole platform as a person meets it: the release binary, and headless Chromium.
//!
//! `GITPOD_TEST_BROWSER=required` fails where something is missing (CI), `skip` ignores these tests; without it they run where
//! everything is there, and are reported as ignored, with the reason, where it is not. `GITPOD_BIN` is the directory of the
//! binaries (default: `target/release`), `GITPOD_TEST_SHOTS` one for screenshots.
#![expect(
    clippy::print_stderr,
    reason = "why a test is ignored is said where people look"
)]

mod requirements;
mod scenario;
mod server;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use requirements::Verdict;

fn main() -> ExitCode {
    let scenarios = ["code", "terminal"];
    let verdict = requirements::check();
    let trials = scenarios.map(|name| {
        let title = format!("browser_{name}_from_a_url_to_a_file_that_stays");
        match &verdict {
            Verdict::Run(tools) => {
                let tools = Arc::clone(tools);
                Trial::test(title, move || {
                    scenario::play(name, &tools).map_err(Into::into)
                })
            }
            Verdict::Fail(missing) => {
                let missing = missing.clone();
                Trial::test(title, move || Err(missing.into()))
            }
            Verdict::Ignore(reason) => {
                eprintln!("{title} is ignored: {reason}");
                Trial::test(title, || Ok(())).with_ignored_flag(true)
            }
        }
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}
