//! One-time codes that carry a signed-in owner from the platform's host to a workspace's host.
//!
//! The session cookie never leaves the platform's origin, and the owner token never shows up in an address: a code can be used
//! once, within a minute, on the host it was made for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gitpod_core::{Clock, InstanceId, Timestamp};
use sha2::{Digest, Sha256};

use super::Target;

/// How long a code is good.
const LIFETIME: Duration = Duration::from_mins(1);

/// How many codes may be outstanding; beyond it the oldest are lost (their owners click again).
const OUTSTANDING: usize = 4096;

/// What each code begins with, so that `/_auth?code=…` of a user's own program is left alone.
const PREFIX: &str = "gpc_";

/// Whom a code lets in, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) instance: InstanceId,
    /// A guest of a shared workspace, rather than its owner.
    pub(crate) is_guest: bool,
}

#[derive(Debug)]
struct Pending {
    target: Target,
    pass: Pass,
    made_at: Timestamp,
}

/// The outstanding codes.
#[derive(Debug)]
pub(crate) struct Handoff {
    clock: Arc<dyn Clock>,
    codes: Mutex<HashMap<[u8; 32], Pending>>,
}

impl Handoff {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            codes: Mutex::default(),
        }
    }

    /// A code that lets in as `pass` says on the host of `target`.
    pub(crate) fn issue(&self, target: Target, pass: Pass) -> String {
        let code = format!(
            "{PREFIX}{}",
            URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
        );
        let now = self.clock.now();
        let mut codes = self.lock();
        if codes.len() >= OUTSTANDING {
            codes.retain(|_, pending| is_fresh(pending.made_at, now));
        }
        if codes.len() >= OUTSTANDING {
            let oldest = codes
                .iter()
                .min_by_key(|(_, pending)| pending.made_at)
                .map(|(key, _)| *key);
            oldest.and_then(|key| codes.remove(&key));
        }
        let pending = Pending {
            target,
            pass,
            made_at: now,
        };
        codes.insert(digest(&code), pending);
        code
    }

    /// Whom `code` lets in on the host of `target`. The code is used up, whatever the answer.
    pub(crate) fn redeem(&self, code: &str, target: &Target) -> Option<Pass> {
        // Looked up by digest, so timing tells nothing about codes.
        let pending = self.lock().remove(&digest(code))?;
        let valid = pending.target == *target && is_fresh(pending.made_at, self.clock.now());
        valid.then_some(pending.pass)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Pending>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `code` looks like one of ours.
pub(crate) fn is_code(code: &str) -> bool {
    code.starts_with(PREFIX)
}

fn is_fresh(made_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(made_at).unsigned_abs() < LIFETIME
}

fn digest(code: &str) -> [u8; 32] {
    Sha256::digest(code.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use gitpod_core::{ManualClock, WorkspaceId};

    use super::*;

    fn editor() -> Target {
        Target::Workspace(WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap())
    }

    fn handoff() -> (Arc<ManualClock>, Handoff) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        (Arc::clone(&clock), Handoff::new(clock))
    }

    fn pass() -> Pass {
        Pass {
            instance: InstanceId::random(),
            is_guest: true,
        }
    }

    #[test]
    fn a_code_works_once() {
        let (_, handoff) = handoff();
        let pass = pass();
        let code = handoff.issue(editor(), pass);
        assert!(is_code(&code));
        assert_eq!(handoff.redeem(&code, &editor()), Some(pass));
        assert_eq!(handoff.redeem(&code, &editor()), None);
    }

    #[test]
    fn a_code_works_on_its_own_host_only_and_is_used_up_by_the_attempt() {
        let (_, handoff) = handoff();
        let code = handoff.issue(editor(), pass());
        let workspace = WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap();
        assert_eq!(
            handoff.redeem(
                &code,
                &Target::Port {
                    port: 3000,
                    workspace
                }
            ),
            None
        );
        assert_eq!(handoff.redeem(&code, &editor()), None);
    }

    #[test]
    fn a_code_ends_after_a_minute() {
        let (clock, handoff) = handoff();
        let code = handoff.issue(editor(), pass());
        clock.advance(LIFETIME);
        assert_eq!(handoff.redeem(&code, &editor()), None);
    }

    #[test]
    fn codes_are_bounded() {
        let (clock, handoff) = handoff();
        let first = handoff.issue(editor(), pass());
        clock.advance(Duration::from_secs(1));
        let mut last = String::new();
        for _ in 0..OUTSTANDING {
            last = handoff.issue(editor(), pass());
        }
        assert_eq!(handoff.lock().len(), OUTSTANDING);
        assert_eq!(handoff.redeem(&first, &editor()), None);
        assert!(handoff.redeem(&last, &editor()).is_some());
    }
}
