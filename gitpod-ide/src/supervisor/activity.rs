//! Whether anything ran in the instance since the last look.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};

use super::process::snapshot;

/// Stands for what every other process has done so far: its time on the CPU.
///
/// Equal fingerprints mean that no process that lives now ran in between and none was started and is still there. Nothing can
/// change a file without running, but for a process that came and went in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// Takes it now.
    pub(crate) fn take() -> Self {
        let own = rustix::process::getpid();
        let mut hasher = DefaultHasher::new();
        let mut members = snapshot();
        members.sort_unstable_by_key(|member| member.pid.as_raw_nonzero());
        for member in members.iter().filter(|member| member.pid != own) {
            let pid = member.pid.as_raw_nonzero();
            (pid, member.ticks).hash(&mut hasher);
            // Nanoseconds of the first thread: shells do less in a command than a clock tick.
            fs::read(format!("/proc/{pid}/schedstat"))
                .unwrap_or_default()
                .hash(&mut hasher);
        }
        Self(hasher.finish())
    }
}
