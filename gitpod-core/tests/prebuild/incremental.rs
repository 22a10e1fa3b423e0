//! From what a prebuild is made.

use gitpod_core::prebuild::{Changes, Incremental, Plan, Reason, plan, retry_in_full};
use proptest::prelude::*;

use super::*;

fn plan_with(
    rules: &Incremental,
    candidates: &[Prebuild],
    changes: impl FnMut(&Prebuild) -> Changes,
) -> Plan {
    plan(
        rules,
        &target(&Revision::of("c50"), &recipe()),
        &history(50),
        candidates,
        at(1000),
        changes,
    )
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "stands in for what may be unknown"
)]
fn source(_: &Prebuild) -> Changes {
    Some(vec!["src/main.rs".to_owned()])
}

#[test]
fn a_prebuild_is_made_from_that_of_the_nearest_ancestor() {
    let plan = plan_with(
        &Incremental::default(),
        &[prebuild(30), prebuild(45), prebuild(40)],
        source,
    );
    assert_eq!(
        (plan.base, plan.reason),
        (Some(prebuild(45).id), Reason::FromAncestor)
    );
    let mut next = prebuild(50).on_top_of(&prebuild(45).on_top_of(&prebuild(40)));
    assert_eq!(
        (next.base, next.depth, next.full_at),
        (Some(prebuild(45).id), 2, at(40))
    );
    next.state = PrebuildState::Available;
    assert!(!retry_in_full(&next));
}

#[test]
fn what_is_no_foundation_says_why() {
    type Change = fn(&mut Prebuild);
    let changes: [(Change, Reason); 10] = [
        (|p| p.project = ProjectId::random(), Reason::Unknown),
        (
            |p| p.error = Some("init failed".to_owned()),
            Reason::TasksFailed,
        ),
        (|p| p.depth = 10, Reason::ChainTooLong),
        (
            |p| p.full_at = at(0) - Duration::from_hours(7 * 24),
            Reason::ChainTooOld,
        ),
        (|p| p.collected = true, Reason::Collected),
        (|p| p.state = PrebuildState::Building, Reason::Unfinished),
        (|p| p.state = PrebuildState::TimedOut, Reason::Failed),
        (
            |p| p.recipe.image = "sha256:2".to_owned(),
            Reason::OtherImage,
        ),
        (
            |p| p.revision = Revision::of("rewritten"),
            Reason::NotAnAncestor,
        ),
        (|p| p.revision = Revision::of("c50"), Reason::AlreadyBuilt),
    ];
    for (change, reason) in changes {
        let mut candidate = prebuild(45);
        change(&mut candidate);
        let plan = plan_with(&Incremental::default(), &[candidate.clone()], source);
        assert_eq!(
            (plan.base, plan.rejected),
            (None, vec![(candidate.id, reason)])
        );
        // A farther one may do all the same.
        let plan = plan_with(&Incremental::default(), &[candidate, prebuild(30)], source);
        assert_eq!(plan.base, Some(prebuild(30).id), "{reason:?}");
    }
}

#[test]
fn what_changed_in_between_must_be_known_and_harmless() {
    let changed = |paths: &[&str]| Some(paths.iter().map(|path| String::from(*path)).collect());
    let many = Some(vec!["x".to_owned(); 2001]);
    for (changes, reason) in [
        (None, Reason::ChangesUnknown),
        (many, Reason::TooMuchChanged),
        (
            changed(&["src/a.rs", ".gitmodules"]),
            Reason::CheckoutChanged,
        ),
        (changed(&["docs/.gitattributes"]), Reason::CheckoutChanged),
        (
            changed(&["docs/x.gitattributes", "Cargo.lock"]),
            Reason::FromAncestor,
        ),
        (changed(&[]), Reason::FromAncestor),
    ] {
        let plan = plan_with(&Incremental::default(), &[prebuild(45)], |_| {
            changes.clone()
        });
        assert_eq!(plan.reason, reason, "{changes:?}");
        assert_eq!(plan.base.is_some(), reason == Reason::FromAncestor);
    }
}

#[test]
fn changes_are_asked_for_only_where_they_matter() {
    let mut asked = Vec::new();
    let mut broken = prebuild(49);
    broken.error = Some("failed".to_owned());
    let candidates = [prebuild(30), prebuild(45), broken, prebuild(48)];
    let plan = plan_with(&Incremental::default(), &candidates, |candidate| {
        asked.push(candidate.id);
        (candidate.id != prebuild(48).id).then(Vec::new)
    });
    assert_eq!(asked, [prebuild(48).id, prebuild(45).id]);
    assert_eq!(plan.base, Some(prebuild(45).id));
    let reasons: Vec<_> = plan.rejected.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(reasons, [Reason::TasksFailed, Reason::ChangesUnknown]);
}

#[test]
fn some_projects_are_always_made_in_full() {
    let off = Incremental::default();
    let mut off = off;
    off.enabled = false;
    assert_eq!(
        plan_with(&off, &[prebuild(45)], source).reason,
        Reason::IncrementalOff
    );
    let recipe = Recipe::new(
        &config("tasks:\n  - init: make\n    prebuild: make docs\n"),
        "sha256:1",
        "r",
    );
    let mut candidate = prebuild(45);
    candidate.recipe = recipe.clone();
    let rules = Incremental::default();
    let plan = plan(
        &rules,
        &target(&Revision::of("c50"), &recipe),
        &history(50),
        &[candidate],
        at(1000),
        source,
    );
    assert_eq!((plan.base, plan.reason), (None, Reason::HasPrebuildCommand));
}

#[test]
fn a_failure_on_top_of_another_is_tried_once_more_from_nothing() {
    for (incremental, state, error, again) in [
        (true, PrebuildState::Available, true, true),
        (true, PrebuildState::Failed, false, true),
        (true, PrebuildState::Building, true, false),
        (true, PrebuildState::Aborted, false, false),
        (true, PrebuildState::Available, false, false),
        (false, PrebuildState::Available, true, false),
        (false, PrebuildState::Failed, false, false),
    ] {
        let mut prebuild = prebuild(50);
        if incremental {
            prebuild = prebuild.on_top_of(&super::prebuild(45));
        }
        prebuild.state = state;
        prebuild.error = error.then(|| "init failed".to_owned());
        assert_eq!(
            retry_in_full(&prebuild),
            again,
            "{incremental} {state:?} {error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// However commits come in, chains end: in length, in time, and at a full prebuild.
    #[test]
    fn chains_are_short_and_young(gaps in proptest::collection::vec(1..86_400_u64, 1..60), chain in 0..6_usize) {
        let mut rules = Incremental::default();
        rules.chain = chain;
        rules.age = Duration::from_hours(48);
        let mut made: Vec<Prebuild> = Vec::new();
        let mut now = at(0);
        for (number, gap) in gaps.into_iter().enumerate() {
            now += Duration::from_secs(gap);
            let revision = Revision::of(format!("c{number}"));
            let plan = plan(&rules, &target(&revision, &recipe()), &history(number), &made, now, source);
            let mut new = Prebuild::new(PrebuildId::random(), project(), revision, recipe(), now);
            if let Some(base) = plan.base {
                let base = made.iter().find(|p| p.id == base).unwrap();
                prop_assert!(base.created_at < now);
                new = new.on_top_of(base);
                prop_assert!(new.depth <= chain, "{}", new.depth);
            } else {
                prop_assert_eq!(new.full_at, now);
            }
            prop_assert!(now.duration_since(new.full_at).as_hours() <= 48);
            new.state = PrebuildState::Available;
            made.push(new);
        }
        // Nothing is made in full without need.
        if chain > 0 && made.len() > 1 && made[1].created_at.duration_since(made[0].created_at).as_hours() < 48 {
            prop_assert_eq!(made[1].base, Some(made[0].id));
        }
    }
}
