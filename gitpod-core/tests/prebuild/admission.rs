//! Whether a prebuild is made now.

use gitpod_core::prebuild::{
    Admission, Event, Limits, PrebuildSettings, Reason, Request, Standing, admit,
};

use super::*;

/// A world in which everything is fine, for commit `c50` at second 1000.
struct World {
    limits: Limits,
    settings: PrebuildSettings,
    event: Event<'static>,
    revision: Revision,
    recipe: Recipe,
    committed_at: Option<Timestamp>,
    head: Option<&'static str>,
    force: bool,
    prebuilds: Vec<Prebuild>,
    last_start: Option<Timestamp>,
    user_blocked: bool,
    spending_limit_reached: bool,
}

const PUSH: Event<'static> = Event::Push {
    branch: Some("main"),
    deleted: false,
};

impl World {
    fn new() -> Self {
        Self {
            limits: Limits::default(),
            settings: PrebuildSettings::default(),
            event: PUSH,
            revision: Revision::of("c50"),
            recipe: recipe(),
            committed_at: Some(at(999)),
            head: Some("c50"),
            force: false,
            prebuilds: Vec::new(),
            last_start: Some(at(0)),
            user_blocked: false,
            spending_limit_reached: false,
        }
    }

    fn with(prebuilds: Vec<Prebuild>) -> Self {
        Self {
            prebuilds,
            ..Self::new()
        }
    }

    fn admit(&self) -> Admission {
        let request = Request {
            event: self.event,
            target: target(&self.revision, &self.recipe),
            committed_at: self.committed_at,
            head: self.head,
            force: self.force,
        };
        let standing = Standing {
            now: at(1000),
            histories: &history(50),
            prebuilds: &self.prebuilds,
            last_start: self.last_start,
            user_blocked: self.user_blocked,
            spending_limit_reached: self.spending_limit_reached,
        };
        admit(&self.limits, &self.settings, &request, &standing)
    }
}

fn in_state(number: usize, state: PrebuildState) -> Prebuild {
    let mut prebuild = prebuild(number);
    prebuild.state = state;
    prebuild
}

#[test]
fn what_exists_or_is_being_made_is_not_made_again() {
    let id = prebuild(50).id;
    assert_eq!(World::new().admit(), Admission::Build(Reason::Admitted));
    for (state, expected) in [
        (
            PrebuildState::Available,
            Admission::Reuse(id, Reason::AlreadyBuilt),
        ),
        (
            PrebuildState::Queued,
            Admission::Reuse(id, Reason::AlreadyRunning),
        ),
        (
            PrebuildState::Building,
            Admission::Reuse(id, Reason::AlreadyRunning),
        ),
        (PrebuildState::Failed, Admission::Build(Reason::Admitted)),
        (PrebuildState::Aborted, Admission::Build(Reason::Admitted)),
        (PrebuildState::TimedOut, Admission::Build(Reason::Admitted)),
    ] {
        assert_eq!(
            World::with(vec![in_state(50, state)]).admit(),
            expected,
            "{state:?}"
        );
    }
    let mut collected = prebuild(50);
    collected.collected = true;
    let mut broken = prebuild(50);
    broken.error = Some("init failed".to_owned());
    let mut other = prebuild(50);
    other.recipe.image = "sha256:2".to_owned();
    let mut foreign = prebuild(50);
    foreign.project = ProjectId::random();
    for useless in [collected, broken, other, foreign] {
        assert_eq!(
            World::with(vec![useless]).admit(),
            Admission::Build(Reason::Admitted)
        );
    }
}

#[test]
fn force_makes_a_new_one_but_never_two_at_once() {
    let mut world = World::with(vec![prebuild(50)]);
    world.force = true;
    assert_eq!(world.admit(), Admission::Build(Reason::Admitted));
    let running = in_state(50, PrebuildState::Building);
    world.prebuilds = vec![prebuild(50), running.clone()];
    assert_eq!(
        world.admit(),
        Admission::Reuse(running.id, Reason::AlreadyRunning)
    );
}

#[test]
fn every_nth_commit_has_a_prebuild() {
    for (interval, number, reused) in [
        (20, 31, true),
        (20, 30, true),
        (20, 29, false),
        (1, 49, true),
        (1, 48, false),
        (0, 49, false),
        (0, 50, true),
    ] {
        for state in [PrebuildState::Available, PrebuildState::Queued] {
            let mut world = World::with(vec![in_state(number, state)]);
            world.settings.interval = interval;
            let admission = world.admit();
            let is_reused = matches!(admission, Admission::Reuse(..));
            assert_eq!(is_reused, reused, "{interval} {number}: {admission:?}");
        }
    }
    // The nearest one serves best.
    let world = World::with(vec![prebuild(40), prebuild(45), prebuild(42)]);
    assert_eq!(
        world.admit(),
        Admission::Reuse(prebuild(45).id, Reason::WithinInterval)
    );
    let mut forced = World::with(vec![prebuild(49)]);
    forced.force = true;
    assert_eq!(forced.admit(), Admission::Build(Reason::Admitted));
}

#[test]
fn over_a_whole_history_there_is_one_for_each_interval() {
    let mut world = World::new();
    world.settings.interval = 4;
    let mut built = Vec::new();
    for number in 0..50 {
        world.revision = Revision::of(format!("c{number}"));
        world.head = None;
        let request = Request {
            event: world.event,
            target: target(&world.revision, &world.recipe),
            committed_at: None,
            head: None,
            force: false,
        };
        let standing = Standing {
            now: at(1000),
            histories: &history(number),
            prebuilds: &world.prebuilds,
            last_start: world.last_start,
            user_blocked: false,
            spending_limit_reached: false,
        };
        if let Admission::Build(_) = admit(&world.limits, &world.settings, &request, &standing) {
            built.push(number);
            world.prebuilds.push(prebuild(number));
        }
    }
    assert_eq!(built, (0..50).step_by(5).collect::<Vec<_>>());
}

#[test]
fn what_speaks_against_it_is_said() {
    type Change = fn(&mut World);
    let changes: [(Change, Reason); 7] = [
        (|w| w.user_blocked = true, Reason::UserBlocked),
        (|w| w.spending_limit_reached = true, Reason::SpendingLimit),
        (|w| w.head = Some("c51"), Reason::Superseded),
        (
            |w| w.committed_at = Some(at(0) - Duration::from_hours(91 * 24)),
            Reason::CommitTooOld,
        ),
        (|w| w.last_start = None, Reason::ProjectInactive),
        (
            |w| w.last_start = Some(at(0) - Duration::from_hours(8 * 24)),
            Reason::ProjectInactive,
        ),
        (
            |w| w.limits.inactivity = Duration::from_secs(999),
            Reason::ProjectInactive,
        ),
    ];
    for (change, reason) in changes {
        let mut world = World::new();
        change(&mut world);
        assert_eq!(world.admit(), Admission::Refuse(reason));
        // Who asks, or works right now, knows better, unless they may not or cannot pay.
        for event in [Event::Manual, Event::Activity { branch: None }] {
            world.event = event;
            let hard = matches!(reason, Reason::UserBlocked | Reason::SpendingLimit);
            assert_eq!(
                world.admit() == Admission::Refuse(reason),
                hard,
                "{reason:?}"
            );
        }
    }
    let mut broke = World::with(vec![prebuild(50)]);
    broke.spending_limit_reached = true;
    assert_eq!(
        broke.admit(),
        Admission::Reuse(prebuild(50).id, Reason::AlreadyBuilt)
    );
}

#[test]
fn too_many_in_a_short_time_have_to_wait() {
    let other = |seconds: u64, state| {
        let mut prebuild = in_state(0, state);
        prebuild.recipe.image = "sha256:other".to_owned();
        prebuild.created_at = at(seconds);
        prebuild
    };
    let mut world = World::with(
        (0..5)
            .map(|n| other(500 + n * 100, PrebuildState::Failed))
            .collect(),
    );
    world.limits.rate = 5;
    // Made at 500, …, 900; the window reaches back to 400; the first leaves it at 1100.
    assert_eq!(
        world.admit(),
        Admission::Later(Duration::from_secs(100), Reason::RateLimited)
    );
    world.limits.rate = 3;
    assert_eq!(
        world.admit(),
        Admission::Later(Duration::from_mins(5), Reason::RateLimited)
    );
    world.limits.rate = 6;
    assert_eq!(world.admit(), Admission::Build(Reason::Admitted));
    world.limits.rate = 5;
    world.prebuilds[0].state = PrebuildState::Aborted;
    assert_eq!(world.admit(), Admission::Build(Reason::Admitted));
    world.prebuilds[0] = other(399, PrebuildState::Failed);
    assert_eq!(world.admit(), Admission::Build(Reason::Admitted));
}
