use super::super::effect::after;
use super::super::timeout::Policy;
use super::super::{EffectKind, EffectState, Facts, InstanceStatus, StopTrouble};
use super::MAX_WARNINGS;

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

/// The parts of a stop that are tried once, and what it means when one fails.
const LAST_PARTS: [(EffectKind, &str, &str); 2] = [
    (
        EffectKind::Git,
        "git could not be asked at the stop what is uncommitted or not pushed",
        "what is shown is older; all files are kept",
    ),
    (
        EffectKind::Release,
        "the disk could not be put away",
        "all files are kept, and the next start uses it as it is; a program on the server that has files of it open ends that",
    ),
];

/// Tells what a stop could not do and does not wait for.
pub(super) fn note_omissions(instance: &mut InstanceStatus, facts: &Facts) {
    for (kind, what, meaning) in LAST_PARTS {
        let Some(EffectState::Failed { error, .. }) = facts.effects.get(kind) else {
            continue;
        };
        let warning = format!("{what} ({}): {meaning}", error.message);
        if !instance.warnings.contains(&warning) && instance.warnings.len() < MAX_WARNINGS {
            instance.warnings.push(warning);
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, InstanceId, Secret, Timestamp};

    #[test]
    fn what_a_stop_could_not_do_is_told_once() {
        let now = Timestamp::UNIX_EPOCH;
        let mut instance = InstanceStatus::new(InstanceId::random(), Secret::from("t"), now);
        let mut facts = Facts::new(now);
        for kind in [EffectKind::Git, EffectKind::Release] {
            facts.effects.begin(kind, now);
            let error = Error::unexpected("it is busy");
            facts.effects.end(kind, now, Err((&error).into()));
        }
        for _ in 0..2 {
            note_omissions(&mut instance, &facts);
        }
        assert_eq!(instance.warnings.len(), 2, "{:?}", instance.warnings);
        assert!(instance.warnings[0].starts_with("git could not be asked"));
        assert!(instance.warnings[1].contains("(it is busy)"));
    }
}
