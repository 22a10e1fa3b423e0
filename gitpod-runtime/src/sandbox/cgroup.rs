//! Limits: control groups of both versions, by plain file writes.

mod plan;
mod unified;
mod v1;
mod v2;

pub(super) use plan::{CgroupPlan, Hierarchies};

use std::io;
use std::path::Path;
use std::time::Duration;

/// How often removing a group is tried; the kernel needs a moment after its last process is gone.
const REMOVALS: u32 = 200;

fn write(directory: &Path, file: &str, value: &str) -> io::Result<()> {
    // Not `fs::write`: it would create a missing file on file systems that allow it, and hide that a limit is not there.
    use std::io::Write as _;
    std::fs::OpenOptions::new()
        .write(true)
        .open(directory.join(file))?
        .write_all(value.as_bytes())
}

/// Reads the number behind `key` in a file of `key value` lines.
fn keyed(directory: &Path, file: &str, key: &str) -> Option<u64> {
    std::fs::read_to_string(directory.join(file))
        .ok()?
        .lines()
        .find_map(|line| line.strip_prefix(key)?.trim().parse().ok())
}

fn remove(directory: &Path) -> io::Result<()> {
    for attempt in 0.. {
        match std::fs::remove_dir(directory) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if attempt >= REMOVALS => return Err(error),
            Err(_) => {
                if attempt == 0 {
                    // Version 2 can end stragglers; version 1 has no such file.
                    let _ = write(directory, "cgroup.kill", "1");
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
    Ok(())
}
