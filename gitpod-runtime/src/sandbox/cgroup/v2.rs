//! Version 2: one hierarchy, controllers enabled level by level.

use std::io;
use std::path::Path;

use gitpod_core::class::Resources;

use super::unified::enable;
use super::{keyed, write};

/// Microseconds in which the share of the CPU is counted.
const PERIOD: u64 = 100_000;

/// Makes the group and has those above it, up to where this server's groups begin, pass the controllers on.
pub(super) fn create(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let parent = directory.parent();
    // The upper one again and again: systemd takes away what none of its units needs while nobody uses it.
    for level in [parent.and_then(Path::parent), parent]
        .into_iter()
        .flatten()
    {
        enable(level)?;
    }
    Ok(())
}

pub(super) fn limit(directory: &Path, resources: &Resources) -> io::Result<()> {
    if let Some(bytes) = resources.memory_bytes {
        write(directory, "memory.max", &bytes.to_string())?;
        match write(directory, "memory.swap.max", "0") {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    if let Some(millis) = resources.cpu_millis {
        let quota = (u64::from(millis) * PERIOD / 1000).max(1000);
        write(directory, "cpu.max", &format!("{quota} {PERIOD}"))?;
    }
    if let Some(pids) = resources.pids {
        write(directory, "pids.max", &pids.to_string())?;
    }
    Ok(())
}

pub(super) fn memory_kills(directory: &Path) -> Option<u64> {
    keyed(directory, "memory.events", "oom_kill ")
}
