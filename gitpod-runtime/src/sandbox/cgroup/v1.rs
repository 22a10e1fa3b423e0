//! Version 1: one hierarchy per controller.

use std::io;
use std::path::Path;

use gitpod_core::class::Resources;

use super::{keyed, write};

/// Microseconds in which the share of the CPU is counted.
const PERIOD: u64 = 100_000;

pub(super) fn limit(controller: &str, directory: &Path, resources: &Resources) -> io::Result<()> {
    match controller {
        "memory" => limit_memory(directory, resources.memory_bytes),
        "cpu" => {
            let Some(millis) = resources.cpu_millis else {
                return Ok(());
            };
            let quota = (u64::from(millis) * PERIOD / 1000).max(1000);
            write(directory, "cpu.cfs_period_us", &PERIOD.to_string())?;
            write(directory, "cpu.cfs_quota_us", &quota.to_string())
        }
        "pids" => match resources.pids {
            Some(pids) => write(directory, "pids.max", &pids.to_string()),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn limit_memory(directory: &Path, bytes: Option<u64>) -> io::Result<()> {
    let Some(bytes) = bytes else {
        return Ok(());
    };
    write(directory, "memory.limit_in_bytes", &bytes.to_string())?;
    match write(directory, "memory.memsw.limit_in_bytes", &bytes.to_string()) {
        // Kernels without swap accounting do not have the file.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

pub(super) fn memory_kills(directory: &Path) -> Option<u64> {
    keyed(directory, "memory.oom_control", "oom_kill ")
}
