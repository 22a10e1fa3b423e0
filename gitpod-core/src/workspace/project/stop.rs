use super::super::effect::after;
use super::super::timeout::Policy;
use super::super::{EffectKind, EffectState, Facts, InstanceStatus, StopTrouble};

/// The parts of a stop that are tried until they succeed, in order, and what to call them.
const PARTS: [(EffectKind, &str, &str); 2] = [
    (
        EffectKind::Stop,
        "end its processes",
        "the files are kept and the server goes on trying; a process that waits for a dead disk or network file system ends \
         with it: the operator finds it with `ps` (state D), and a restart of the machine ends it in any case",
    ),
    (
        EffectKind::Remove,
        "remove its sandbox",
        "the files are kept and the server goes on trying; the operator may free what the message names (a busy mount, a full \
         disk); a restart of the machine frees it in any case",
    ),
];

/// What keeps the stop from getting on, if something does.
pub(super) fn trouble(
    instance: &InstanceStatus,
    facts: &Facts,
    policy: &Policy,
) -> Option<StopTrouble> {
    let known = instance.stop_trouble.as_ref();
    PARTS.into_iter().find_map(|(kind, what, hint)| {
        let known = known.filter(|known| known.what == what);
        match facts.effects.get(kind)? {
            EffectState::Failed {
                ended_at,
                attempts,
                error,
                ..
            } => Some(StopTrouble {
                what: what.to_owned(),
                since: known.map_or(*ended_at, |known| known.since),
                attempts: *attempts,
                message: error.message.clone(),
                hint: error.hint.clone().unwrap_or_else(|| hint.to_owned()),
                next: after(*ended_at, policy.backoff(*attempts)),
            }),
            // It is being tried again: what is known holds until that is over.
            EffectState::Running { attempts, .. } if *attempts > 0 => known.cloned(),
            EffectState::Running { .. } | EffectState::Done { .. } => None,
        }
    })
}
