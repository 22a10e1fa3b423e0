//! From "start it" to the first instruction of a program inside: ours, `crun`, `runc` and, if a daemon answers, `docker run`.
//!
//! ```text
//! cargo bench -p benches --bench start [-- ROUNDS]
//! ```
//!
//! Every contender runs the same static program, which writes the time of its first instruction, with its own user, mount,
//! process, network, IPC, host name and control group namespaces, an overlay or bind root, the same list of system calls, and
//! limits of memory and processes. Rounds are interleaved, so that all see the same weather.
//!
//! What differs, and is told below the table: ours asks a resident launcher (as the server does) and makes id-mapped overlays
//! of the node's tool chain; `crun` and `runc` are processes that are started, read a bundle and compile its filter, which is
//! how they are used; `docker` asks a resident daemon.

#[path = "start/bundle.rs"]
mod bundle;
#[path = "start/contender.rs"]
mod contender;
#[path = "start/payload.rs"]
mod payload;

use std::io::Write as _;

use anyhow::{Context as _, Result};
use contender::{Contender, Oci, Sandbox};

/// Enough for a stable median, few enough for a coffee.
const ROUNDS: usize = 20;

fn main() -> Result<()> {
    gitpod_runtime::sandbox::reexec();
    let rounds = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(ROUNDS);
    let directory = tempfile::tempdir().context("no temporary directory")?;
    let payload = payload::write(directory.path())?;
    let mut contenders: Vec<Box<dyn Contender>> =
        vec![Box::new(Sandbox::open(directory.path(), &payload)?)];
    for runtime in ["crun", "runc"] {
        if let Some(oci) = Oci::find(runtime, directory.path(), &payload)? {
            contenders.push(Box::new(oci));
        }
    }
    if let Some(docker) = contender::Docker::find(directory.path(), &payload)? {
        contenders.push(Box::new(docker));
    }
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    // One round to warm caches, not counted.
    for round in 0..=rounds {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let time = contender
                .start()
                .with_context(|| format!("{} failed", contender.name()))?;
            if round > 0 {
                times.push(time);
            }
        }
    }
    report(&contenders, &mut times)
}

fn report(contenders: &[Box<dyn Contender>], times: &mut [Vec<f64>]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<10} {:>10} {:>10} {:>10} {:>8}",
        "", "median ms", "least ms", "p90 ms", "ratio"
    )?;
    let mut ours = None;
    for (contender, times) in contenders.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let at = |part: usize| {
            times
                .get(times.len() * part / 100)
                .copied()
                .unwrap_or(f64::NAN)
        };
        let median = at(50);
        let ours = *ours.get_or_insert(median);
        writeln!(
            out,
            "{:<10} {:>10.2} {:>10.2} {:>10.2} {:>7.1}x",
            contender.name(),
            median,
            at(0),
            at(90),
            median / ours
        )?;
    }
    writeln!(out)?;
    for contender in contenders {
        writeln!(out, "{}: {}", contender.name(), contender.what())?;
    }
    Ok(())
}
