use std::cmp::Reverse;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fit::{relate, usable};
use super::{Histories, Prebuild, Reason, Target};
use crate::clock::elapsed;
use crate::{PrebuildId, Timestamp};

/// When prebuilds are made on top of each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Incremental {
    /// Whether at all.
    pub enabled: bool,
    /// At most this many on top of a full one.
    pub chain: usize,
    /// At most this long after a full one.
    pub age: Duration,
    /// At most this many commits in between.
    pub farthest: usize,
    /// At most this many changed files in between.
    pub changes: usize,
}

impl Default for Incremental {
    fn default() -> Self {
        Self {
            enabled: true,
            chain: 10,
            age: Duration::from_hours(7 * 24),
            farthest: super::MAX_COMMITS,
            changes: 2000,
        }
    }
}

/// Which files differ between a prebuild's commit and the wanted one, in all repositories.
pub type Changes = Option<Vec<String>>;

/// What a new prebuild is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The prebuild to restore first; `None`: from nothing.
    pub base: Option<PrebuildId>,
    /// Why.
    pub reason: Reason,
    /// The prebuilds that were looked at and are no foundation, each with the first reason that was found.
    pub rejected: Vec<(PrebuildId, Reason)>,
}

/// Chooses what a prebuild of `target` is made from: the nearest prebuild on top of which that is safe (see the
/// [module](super)), else nothing.
///
/// # Behavior
/// `changes` is asked only about prebuilds that would do otherwise, nearest first, until one does.
pub fn plan(
    rules: &Incremental,
    target: &Target<'_>,
    histories: &Histories,
    candidates: &[Prebuild],
    now: Timestamp,
    mut changes: impl FnMut(&Prebuild) -> Changes,
) -> Plan {
    let in_full = |reason| Plan {
        base: None,
        reason,
        rejected: Vec::new(),
    };
    if !rules.enabled {
        return in_full(Reason::IncrementalOff);
    }
    if target.recipe.needs_fresh_clone() {
        return in_full(Reason::HasPrebuildCommand);
    }
    let mut rejected = Vec::new();
    let mut related = Vec::new();
    for candidate in candidates {
        match relate(candidate, target, histories, rules.farthest) {
            Ok(fit) if fit.exact => rejected.push((candidate.id, Reason::AlreadyBuilt)),
            Ok(fit) => related.push((candidate, fit.distance)),
            Err(reason) => rejected.push((candidate.id, reason)),
        }
    }
    related.sort_by_key(|(candidate, distance)| {
        let newest = Reverse(candidate.created_at);
        (*distance, candidate.depth, newest, candidate.id)
    });
    // Of several that would not do, the nearest one's reason is what people want to know.
    let mut nearest = None;
    for (candidate, _) in related {
        let safe =
            foundation(rules, candidate, now).and_then(|()| harmless(rules, changes(candidate)));
        match safe {
            Ok(()) => {
                return Plan {
                    base: Some(candidate.id),
                    reason: Reason::FromAncestor,
                    rejected,
                };
            }
            Err(reason) => {
                nearest.get_or_insert(reason);
                rejected.push((candidate.id, reason));
            }
        }
    }
    Plan {
        base: None,
        reason: nearest.unwrap_or(Reason::NoneFits),
        rejected,
    }
}

/// Whether anything may be made on top of it.
fn foundation(rules: &Incremental, candidate: &Prebuild, now: Timestamp) -> Result<(), Reason> {
    usable(candidate)?;
    if candidate.error.is_some() {
        return Err(Reason::TasksFailed);
    }
    if candidate.depth >= rules.chain {
        return Err(Reason::ChainTooLong);
    }
    if elapsed(candidate.full_at, now) > rules.age {
        return Err(Reason::ChainTooOld);
    }
    Ok(())
}

/// Whether a checkout over old content gives what a clone would.
fn harmless(rules: &Incremental, changes: Changes) -> Result<(), Reason> {
    let changes = changes.ok_or(Reason::ChangesUnknown)?;
    if changes.len() > rules.changes {
        return Err(Reason::TooMuchChanged);
    }
    let decides = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        matches!(name, ".gitmodules" | ".gitattributes")
    };
    if changes.iter().any(decides) {
        return Err(Reason::CheckoutChanged);
    }
    Ok(())
}

/// Whether a prebuild whose tasks failed is to be made once more, from nothing.
pub fn retry_in_full(prebuild: &Prebuild) -> bool {
    let failed = prebuild.error.is_some() || prebuild.state == super::PrebuildState::Failed;
    failed && !prebuild.is_under_way() && prebuild.base.is_some()
}
