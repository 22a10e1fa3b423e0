use std::time::Duration;

use super::fit::relate;
use super::{Event, Histories, Prebuild, PrebuildSettings, PrebuildState, Reason, Target};
use crate::clock::elapsed;
use crate::{PrebuildId, Timestamp};

/// What keeps prebuilds from becoming too many.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// At most this many …
    pub rate: usize,
    /// … of a project within this time; those that were aborted do not count.
    pub window: Duration,
    /// A project in which nobody started a workspace for this long is prebuilt only when somebody asks.
    pub inactivity: Duration,
    /// An older commit is prebuilt only when somebody asks.
    pub commit_age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: 100,
            window: Duration::from_mins(10),
            inactivity: Duration::from_hours(7 * 24),
            commit_age: Duration::from_hours(90 * 24),
        }
    }
}

/// A prebuild that somebody or something asks for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Why it is asked for.
    pub event: Event<'a>,
    /// What.
    pub target: Target<'a>,
    /// When the main commit was made, if known.
    pub committed_at: Option<Timestamp>,
    /// The commit that the branch is at now, if known.
    pub head: Option<&'a str>,
    /// Whether a new one is wanted though one exists or is near.
    pub force: bool,
}

/// How things stand.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// What time it is.
    pub now: Timestamp,
    /// The commits before.
    pub histories: &'a Histories,
    /// The project's prebuilds, in any order.
    pub prebuilds: &'a [Prebuild],
    /// When somebody last started a workspace of the project.
    pub last_start: Option<Timestamp>,
    /// Whether the user in whose name it is asked for is blocked.
    pub user_blocked: bool,
    /// Whether the organization's spending limit is reached.
    pub spending_limit_reached: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// It is made.
    Build(Reason),
    /// This one serves as well.
    Reuse(PrebuildId, Reason),
    /// It is not made.
    Refuse(Reason),
    /// It is not made now, but could be after this time.
    Later(Duration, Reason),
}

/// Whether a prebuild is made now.
///
/// # Behavior
/// Nothing is built twice at the same time, forced or not. What exists or is near enough is found before anything is counted:
/// reuse costs nothing.
pub fn admit(
    limits: &Limits,
    settings: &PrebuildSettings,
    request: &Request<'_>,
    standing: &Standing<'_>,
) -> Admission {
    if standing.user_blocked {
        return Admission::Refuse(Reason::UserBlocked);
    }
    if let Some(found) = existing(settings, request, standing) {
        return found;
    }
    if standing.spending_limit_reached {
        return Admission::Refuse(Reason::SpendingLimit);
    }
    if let Some(reason) = not_worth_it(limits, request, standing) {
        return Admission::Refuse(reason);
    }
    match wait(limits, standing) {
        Some(time) => Admission::Later(time, Reason::RateLimited),
        None => Admission::Build(Reason::Admitted),
    }
}

/// A prebuild of the same recipe that serves as well.
fn existing(
    settings: &PrebuildSettings,
    request: &Request<'_>,
    standing: &Standing<'_>,
) -> Option<Admission> {
    let target = &request.target;
    let fits = standing.prebuilds.iter().filter_map(|prebuild| {
        let fit = relate(prebuild, target, standing.histories, settings.interval);
        fit.ok().map(|fit| (prebuild, fit))
    });
    let serves = |prebuild: &Prebuild| {
        prebuild.is_under_way()
            || prebuild.state == PrebuildState::Available
                && !prebuild.collected
                && prebuild.error.is_none()
    };
    let fits = fits.filter(|(prebuild, _)| serves(prebuild));
    let best = fits.min_by_key(|(prebuild, fit)| {
        let ready = prebuild.state != PrebuildState::Available;
        (
            !fit.exact,
            fit.distance,
            ready,
            prebuild.created_at,
            prebuild.id,
        )
    });
    let running = |prebuild: &&Prebuild| {
        let fit = relate(prebuild, target, standing.histories, 0);
        prebuild.is_under_way() && fit.is_ok_and(|fit| fit.exact)
    };
    if request.force {
        let running = standing.prebuilds.iter().find(running)?;
        return Some(Admission::Reuse(running.id, Reason::AlreadyRunning));
    }
    let (prebuild, fit) = best?;
    let reason = match (fit.exact, prebuild.is_under_way()) {
        (true, true) => Reason::AlreadyRunning,
        (true, false) => Reason::AlreadyBuilt,
        (false, _) if settings.interval == 0 => return None,
        (false, _) => Reason::WithinInterval,
    };
    Some(Admission::Reuse(prebuild.id, reason))
}

/// Why nobody would start from it. A person who asks, or who works right now, knows better.
fn not_worth_it(limits: &Limits, request: &Request<'_>, standing: &Standing<'_>) -> Option<Reason> {
    match request.event {
        Event::Manual | Event::Activity { .. } => return None,
        Event::Push { .. } | Event::PullRequest { .. } => {}
    }
    let is_old = |at: Timestamp, limit| elapsed(at, standing.now) > limit;
    if request
        .head
        .is_some_and(|head| head != request.target.revision.main)
    {
        return Some(Reason::Superseded);
    }
    if request
        .committed_at
        .is_some_and(|at| is_old(at, limits.commit_age))
    {
        return Some(Reason::CommitTooOld);
    }
    if standing
        .last_start
        .is_none_or(|at| is_old(at, limits.inactivity))
    {
        return Some(Reason::ProjectInactive);
    }
    None
}

/// How long until another one may be made; `None`: it may be made now.
fn wait(limits: &Limits, standing: &Standing<'_>) -> Option<Duration> {
    let counts = |prebuild: &&Prebuild| prebuild.state != PrebuildState::Aborted;
    let ages = standing.prebuilds.iter().filter(counts);
    let mut ages: Vec<Duration> = ages
        .map(|prebuild| elapsed(prebuild.created_at, standing.now))
        .filter(|age| *age < limits.window)
        .collect();
    if ages.len() < limits.rate {
        return None;
    }
    // One more may come once so many are out of the window that fewer than `rate` are left.
    ages.sort_unstable();
    let last = limits.rate.checked_sub(1).and_then(|at| ages.get(at));
    Some(
        limits
            .window
            .saturating_sub(last.copied().unwrap_or_default()),
    )
}
