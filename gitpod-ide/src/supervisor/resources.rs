//! Memory and cpu of the instance, as far as its control groups are visible inside.

use std::fs;

/// What is used of what is allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) used: u64,
    /// 0: unlimited, or not visible.
    pub(crate) limit: u64,
}

/// Bytes; what can be given back at any time (file cache that nobody used lately) does not count.
pub(crate) fn memory() -> Usage {
    let used = number("/sys/fs/cgroup/memory.current")
        .or_else(|| number("/sys/fs/cgroup/memory/memory.usage_in_bytes"))
        .unwrap_or(0);
    let limit = number("/sys/fs/cgroup/memory.max")
        .or_else(|| number("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
        .filter(|&limit| limit < UNLIMITED)
        .unwrap_or(0);
    let cache = statistic("/sys/fs/cgroup/memory.stat", "inactive_file")
        .or_else(|| statistic("/sys/fs/cgroup/memory/memory.stat", "total_inactive_file"))
        .unwrap_or(0);
    Usage {
        used: used.saturating_sub(cache),
        limit,
    }
}

/// Control groups of the first generation say "unlimited" with a huge number.
const UNLIMITED: u64 = 1 << 60;

/// CPU time so far, in microseconds.
pub(crate) fn cpu_time() -> u64 {
    statistic("/sys/fs/cgroup/cpu.stat", "usage_usec")
        .or_else(|| number("/sys/fs/cgroup/cpuacct/cpuacct.usage").map(|nanos| nanos / 1000))
        .unwrap_or(0)
}

/// Thousandths of a core that may be used; 0: no limit.
pub(crate) fn cpu_limit() -> u64 {
    let two = fs::read_to_string("/sys/fs/cgroup/cpu.max").ok();
    let quota_and_period = two.as_deref().and_then(|text| {
        let (quota, period) = text.trim().split_once(' ')?;
        Some((quota.parse::<u64>().ok()?, period.parse::<u64>().ok()?))
    });
    let one = || {
        Some((
            number("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")?,
            number("/sys/fs/cgroup/cpu/cpu.cfs_period_us")?,
        ))
    };
    quota_and_period
        .or_else(one)
        .and_then(|(quota, period)| (quota * 1000).checked_div(period))
        .unwrap_or(0)
}

fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn statistic(path: &str, key: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == key).then(|| value.parse().ok())?
    })
}
