//! Slows down whoever keeps coming with wrong tokens.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gitpod_core::Timestamp;
use gitpod_core::clock::elapsed;

/// Failures an address has before it must wait.
const ALLOWED: u32 = 20;
/// One failure is forgiven each time this passes.
const FORGIVEN_EVERY: Duration = Duration::from_secs(3);
/// Addresses remembered at most; the oldest are forgotten first.
const REMEMBERED: usize = 4096;

/// Counts failures by address.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<IpAddr, Tally>>);

#[derive(Debug, Clone, Copy)]
struct Tally {
    count: u32,
    at: Timestamp,
}

impl Failures {
    /// Counts one failure; says how long to wait, if it was one too many.
    pub(super) fn count(&self, address: IpAddr, now: Timestamp) -> Option<Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED && !all.contains_key(&address) {
            let oldest = all
                .iter()
                .min_by_key(|(_, tally)| tally.at)
                .map(|(address, _)| *address);
            oldest.and_then(|address| all.remove(&address));
        }
        let tally = all.entry(address).or_insert(Tally { count: 0, at: now });
        let passed = elapsed(tally.at, now).as_secs() / FORGIVEN_EVERY.as_secs();
        let forgiven = u32::try_from(passed).unwrap_or(u32::MAX);
        *tally = Tally {
            count: tally.count.saturating_sub(forgiven).saturating_add(1),
            at: now,
        };
        let over = tally.count.checked_sub(ALLOWED + 1)?;
        Some(FORGIVEN_EVERY.saturating_mul(over.saturating_add(1).min(100)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn waits_grow_and_are_forgiven() {
        let failures = Failures::default();
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let at = |s| Timestamp::from_second(s).unwrap();
        for _ in 0..ALLOWED {
            assert_eq!(failures.count(address, at(0)), None);
        }
        assert_eq!(failures.count(address, at(0)), Some(FORGIVEN_EVERY));
        assert_eq!(failures.count(address, at(0)), Some(FORGIVEN_EVERY * 2));
        assert_eq!(failures.count(address, at(3600)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let failures = Failures::default();
        for n in 0..10_000_u32 {
            failures.count(
                IpAddr::V4(Ipv4Addr::from(n)),
                Timestamp::from_second(i64::from(n)).unwrap(),
            );
        }
        assert_eq!(failures.0.lock().unwrap().len(), REMEMBERED);
    }
}
