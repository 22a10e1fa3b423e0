use std::cmp::Reverse;

use super::fit::{Fit, relate, usable};
use super::{Histories, Prebuild, Reason, Target};
use crate::PrebuildId;
use crate::gitpod_yml::Situation;

/// What a workspace needs.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What.
    pub target: Target<'a>,
    /// The prebuild that its link names (`open-prebuild/…`).
    pub forced: Option<PrebuildId>,
    /// At most this many commits away.
    pub farthest: usize,
}

/// A prebuild to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub prebuild: PrebuildId,
    /// How many commits before the wanted one.
    pub distance: usize,
    /// What the content is then, which decides what runs: from a prebuild of another commit `init` runs again.
    pub situation: Situation,
    /// Whether tasks of it failed, which its user should know.
    pub tasks_failed: bool,
}

/// What was chosen, and why not the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The prebuild, if one fits.
    pub choice: Option<Choice>,
    /// Why this one, or why none.
    pub reason: Reason,
    /// Those that do not fit, in the order they were given, each with the first reason that was found.
    pub rejected: Vec<(PrebuildId, Reason)>,
}

/// Chooses what a workspace starts from.
///
/// # Behavior
/// A prebuild that the link names is taken if it has content, whatever it is of. Else an exact one, else that of the nearest
/// ancestor; of several as near one without failed tasks, then the newest. The order of `candidates` does not matter.
pub fn select(wanted: &Wanted<'_>, histories: &Histories, candidates: &[Prebuild]) -> Selection {
    if let Some(id) = wanted.forced {
        return forced(wanted, id, candidates);
    }
    let mut rejected = Vec::new();
    let mut best: Option<(&Prebuild, Fit)> = None;
    for candidate in candidates {
        match examine(wanted, histories, candidate) {
            Err(reason) => rejected.push((candidate.id, reason)),
            Ok(fit) => {
                let better =
                    best.is_none_or(|(other, far)| rank(candidate, fit) < rank(other, far));
                if better {
                    best = Some((candidate, fit));
                }
            }
        }
    }
    let reason = match best {
        Some((_, Fit { exact: true, .. })) => Reason::Exact,
        Some(_) => Reason::Ancestor,
        None => Reason::NoneFits,
    };
    let choice = best.map(|(prebuild, fit)| choice(prebuild, fit));
    Selection {
        choice,
        reason,
        rejected,
    }
}

fn examine(
    wanted: &Wanted<'_>,
    histories: &Histories,
    candidate: &Prebuild,
) -> Result<Fit, Reason> {
    if candidate.project != wanted.target.project {
        return Err(Reason::Unknown);
    }
    usable(candidate)?;
    relate(candidate, &wanted.target, histories, wanted.farthest)
}

fn forced(wanted: &Wanted<'_>, id: PrebuildId, candidates: &[Prebuild]) -> Selection {
    let mut own = candidates
        .iter()
        .filter(|c| c.project == wanted.target.project);
    let found = own.find(|candidate| candidate.id == id);
    let usable = found.ok_or(Reason::Unknown).and_then(|candidate| {
        usable(candidate)?;
        Ok(candidate)
    });
    match usable {
        Ok(prebuild) => {
            let exact = prebuild.revision == *wanted.target.revision;
            let distance = 0;
            Selection {
                choice: Some(choice(prebuild, Fit { distance, exact })),
                reason: Reason::Forced,
                rejected: Vec::new(),
            }
        }
        Err(reason) => Selection {
            choice: None,
            reason,
            rejected: vec![(id, reason)],
        },
    }
}

fn choice(prebuild: &Prebuild, fit: Fit) -> Choice {
    Choice {
        prebuild: prebuild.id,
        distance: fit.distance,
        situation: if fit.exact {
            Situation::FromPrebuild
        } else {
            Situation::Fresh
        },
        tasks_failed: prebuild.error.is_some(),
    }
}

/// Smaller is better.
fn rank(prebuild: &Prebuild, fit: Fit) -> impl Ord {
    (
        !fit.exact,
        fit.distance,
        prebuild.error.is_some(),
        Reverse(prebuild.created_at),
        prebuild.id,
    )
}
