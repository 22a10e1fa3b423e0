//! Whether the kernel killed something of this instance for memory, as far as the instance can see it.

use std::fs;

use rustix::process::Pid;

/// Where the two generations of control groups count their kills.
const COUNTERS: [(&str, &str); 3] = [
    ("/sys/fs/cgroup/memory.events", "oom_kill"),
    ("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill"),
    ("/sys/fs/cgroup/memory.oom_control", "oom_kill"),
];

/// Kills counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kills(u64);

impl Kills {
    /// Reads the counter; zero where none is visible.
    pub(crate) fn now() -> Self {
        let count = COUNTERS
            .iter()
            .find_map(|(path, key)| counter(&fs::read_to_string(path).ok()?, key));
        Self(count.unwrap_or(0))
    }
}

/// Makes the kernel choose `pid` and what it starts before us, once the instance's memory is used up: without us nothing of the
/// instance goes on. The number adds this many thousandths of the limit to what the process uses.
pub(crate) fn prefer(pid: Pid) {
    const POINTS: &str = "500";
    // Raising it needs no privilege; a process that is gone already needs nothing.
    let _ = fs::write(
        format!("/proc/{}/oom_score_adj", pid.as_raw_nonzero()),
        POINTS,
    );
}

/// What to add to the report of a process that ended by SIGKILL (or with the code a shell makes of that).
pub(crate) fn explain(code: i32, before: Kills) -> &'static str {
    const KILLED: i32 = 128 + 9;
    if Kills::now() > before {
        ": the workspace reached its memory limit and the kernel killed it"
    } else if code == KILLED {
        ": it was killed, perhaps for memory"
    } else {
        ""
    }
}

fn counter(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == key).then(|| value.trim().parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read() {
        assert_eq!(counter("low 0\noom 2\noom_kill 3\n", "oom_kill"), Some(3));
        assert_eq!(
            counter("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", "oom_kill"),
            Some(1)
        );
        assert_eq!(counter("", "oom_kill"), None);
    }
}
