//! Time limits: when an instance has to stop, and when a start has failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::effect::after;
use super::{Facts, InstanceStatus, StopReason};
use crate::Timestamp;

/// Limits of time and attempts. The defaults are the original's where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// An instance that nobody uses stops after this.
    pub inactivity: Duration,
    /// An instance whose user closed the editor stops after this.
    pub closed: Duration,
    /// Every instance stops after this.
    pub lifetime: Duration,
    /// A start that takes longer has failed.
    pub start: Duration,
    /// An editor that does not answer this long after it was started has failed; the supervisor gets the same limit.
    pub editor: Duration,
    /// A runtime that cannot be reached for this long has lost its instance.
    pub interrupted: Duration,
    /// Between asking an instance to end and killing it.
    pub stop_grace: Duration,
    /// How long the content of a deleted workspace stays.
    pub deletion_grace: Duration,
    /// How often each effect of a start is tried.
    pub start_attempts: u32,
    /// First pause between two attempts.
    pub backoff_first: Duration,
    /// Longest pause between two attempts.
    pub backoff_most: Duration,
    /// Events kept of each workspace; older ones are removed.
    pub events_kept: usize,
    /// An active workspace is looked at this often even if nothing hints at a change.
    pub resync: Duration,
    /// Where several replicas share a store: one that is not heard of for this long has lost its workspaces to the others.
    pub lease: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        Self {
            inactivity: Duration::from_secs(30 * MINUTE),
            closed: Duration::from_secs(2 * MINUTE),
            lifetime: Duration::from_secs(36 * HOUR),
            start: Duration::from_secs(HOUR),
            editor: Duration::from_secs(2 * MINUTE),
            interrupted: Duration::from_secs(5 * MINUTE),
            stop_grace: Duration::from_secs(30),
            deletion_grace: Duration::from_secs(14 * 24 * HOUR),
            start_attempts: 4,
            backoff_first: Duration::from_millis(250),
            backoff_most: Duration::from_secs(30),
            events_kept: 500,
            resync: Duration::from_secs(30),
            lease: Duration::from_secs(15),
        }
    }
}

impl Policy {
    /// The pause after `attempts` failed ones.
    pub fn backoff(&self, attempts: u32) -> Duration {
        let factor = 1_u32
            .checked_shl(attempts.saturating_sub(1))
            .unwrap_or(u32::MAX);
        self.backoff_first
            .saturating_mul(factor)
            .min(self.backoff_most)
    }
}

/// When a running instance has to stop by itself, and why; the earliest of its limits.
pub fn expiry(
    instance: &InstanceStatus,
    facts: &Facts,
    policy: &Policy,
) -> (Timestamp, StopReason) {
    let born = instance.started_at.unwrap_or(instance.created_at);
    let active = [instance.last_activity, facts.last_activity]
        .into_iter()
        .flatten()
        .fold(born, Timestamp::max);
    let lifetime = (after(born, policy.lifetime), StopReason::Lifetime);
    let idle = match facts.closed_at {
        Some(closed) if closed >= active => (after(closed, policy.closed), StopReason::Closed),
        _ => (after(active, policy.inactivity), StopReason::Inactivity),
    };
    if idle.0 <= lifetime.0 { idle } else { lifetime }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstanceId, Secret};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn the_earliest_limit_counts() {
        let policy = Policy::default();
        let mut instance = InstanceStatus::new(InstanceId::random(), Secret::from("t"), at(0));
        instance.started_at = Some(at(0));
        let mut facts = Facts::new(at(60));
        assert_eq!(
            expiry(&instance, &facts, &policy),
            (at(1800), StopReason::Inactivity)
        );
        facts.last_activity = Some(at(600));
        assert_eq!(expiry(&instance, &facts, &policy).0, at(2400));
        facts.closed_at = Some(at(700));
        assert_eq!(
            expiry(&instance, &facts, &policy),
            (at(820), StopReason::Closed)
        );
        facts.last_activity = Some(at(710)); // came back
        assert_eq!(
            expiry(&instance, &facts, &policy),
            (at(2510), StopReason::Inactivity)
        );
        facts.last_activity = Some(at(129_500));
        assert_eq!(
            expiry(&instance, &facts, &policy),
            (at(129_600), StopReason::Lifetime)
        );
    }

    #[test]
    fn backoff_doubles_up_to_its_limit() {
        let policy = Policy::default();
        assert_eq!(policy.backoff(1), Duration::from_millis(250));
        assert_eq!(policy.backoff(3), Duration::from_secs(1));
        assert_eq!(policy.backoff(200), policy.backoff_most);
    }
}
