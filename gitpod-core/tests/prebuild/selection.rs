//! Which prebuild a workspace starts from.

use gitpod_core::gitpod_yml::Situation;
use gitpod_core::prebuild::{Choice, Reason, Selection, Wanted, select};
use proptest::prelude::*;

use super::*;

fn choose(candidates: &[Prebuild]) -> Selection {
    let (revision, recipe) = (Revision::of("c50"), recipe());
    let wanted = Wanted {
        target: target(&revision, &recipe),
        forced: None,
        farthest: 30,
    };
    select(&wanted, &history(50), candidates)
}

#[test]
fn an_exact_one_is_best_then_the_nearest_ancestor() {
    let all = [prebuild(40), prebuild(50), prebuild(45)];
    let selection = choose(&all);
    assert_eq!(selection.reason, Reason::Exact);
    let exact = Choice {
        prebuild: prebuild(50).id,
        distance: 0,
        situation: Situation::FromPrebuild,
        tasks_failed: false,
    };
    assert_eq!(selection.choice, Some(exact));

    let selection = choose(&[prebuild(40), prebuild(45)]);
    assert_eq!(selection.reason, Reason::Ancestor);
    let nearest = Choice {
        prebuild: prebuild(45).id,
        distance: 5,
        situation: Situation::Fresh,
        tasks_failed: false,
    };
    assert_eq!(selection.choice, Some(nearest));
    assert_eq!(choose(&[]).reason, Reason::NoneFits);
}

#[test]
fn of_several_as_near_the_one_that_worked_then_the_newest() {
    let mut failed = prebuild(45);
    failed.id = PrebuildId::random();
    failed.created_at = at(900);
    failed.error = Some("init failed".to_owned());
    let mut newer = prebuild(45);
    newer.id = PrebuildId::random();
    newer.created_at = at(100);
    let selection = choose(&[failed.clone(), prebuild(45), newer.clone()]);
    assert_eq!(selection.choice.unwrap().prebuild, newer.id);
    let alone = choose(&[failed.clone()]).choice.unwrap();
    assert!(alone.tasks_failed && alone.prebuild == failed.id);
}

#[test]
fn each_that_does_not_fit_says_why() {
    type Change = fn(&mut Prebuild);
    let changes: [(Change, Reason); 16] = [
        (|p| p.project = ProjectId::random(), Reason::Unknown),
        (|p| p.state = PrebuildState::Queued, Reason::Unfinished),
        (|p| p.state = PrebuildState::Building, Reason::Unfinished),
        (|p| p.state = PrebuildState::Failed, Reason::Failed),
        (|p| p.state = PrebuildState::Aborted, Reason::Failed),
        (|p| p.state = PrebuildState::TimedOut, Reason::Failed),
        (|p| p.collected = true, Reason::Collected),
        (
            |p| p.recipe.image = "sha256:2".to_owned(),
            Reason::OtherImage,
        ),
        (
            |p| p.recipe.checkout_location = "x".to_owned(),
            Reason::OtherLocation,
        ),
        (
            |p| p.recipe.tasks[0].init = "make all".to_owned(),
            Reason::OtherTasks,
        ),
        (
            |p| p.recipe.tasks[0].env = vec![("A".to_owned(), "1".to_owned())],
            Reason::OtherTasks,
        ),
        (
            |p| p.recipe.env = vec![("A".to_owned(), "1".to_owned())],
            Reason::OtherEnvironment,
        ),
        (
            |p| p.recipe.repositories = vec![("u".to_owned(), None)],
            Reason::OtherRepositories,
        ),
        (
            |p| p.revision.additional = vec!["x".to_owned()],
            Reason::OtherRepositories,
        ),
        (
            |p| p.revision = Revision::of("elsewhere"),
            Reason::NotAnAncestor,
        ),
        (|p| p.revision = Revision::of("c19"), Reason::TooFar),
    ];
    for (change, reason) in changes {
        let mut candidate = prebuild(45);
        change(&mut candidate);
        let selection = choose(&[candidate.clone()]);
        assert_eq!(selection.choice, None, "{reason:?}");
        assert_eq!(selection.rejected, [(candidate.id, reason)]);
    }
}

#[test]
fn every_other_repository_has_to_be_at_an_ancestor_too() {
    let recipe = recipe();
    let revision = Revision {
        main: "c50".to_owned(),
        additional: vec!["b2".to_owned(), "d9".to_owned()],
    };
    let histories = Histories {
        main: history(50).main,
        additional: vec![History::new(["b2", "b1"]), History::new(["d9", "d8"])],
    };
    let wanted = Wanted {
        target: target(&revision, &recipe),
        forced: None,
        farthest: 100,
    };
    for (main, additional, expected) in [
        ("c50", ["b2", "d9"], Ok((0, true))),
        ("c50", ["b1", "d9"], Ok((0, false))),
        ("c49", ["b2", "d8"], Ok((1, false))),
        ("c49", ["b0", "d8"], Err(Reason::RepositoryNotAnAncestor)),
        ("c49", ["d8", "b1"], Err(Reason::RepositoryNotAnAncestor)),
    ] {
        let mut candidate = prebuild(0);
        candidate.revision = Revision {
            main: main.to_owned(),
            additional: additional.map(str::to_owned).to_vec(),
        };
        let selection = select(&wanted, &histories, &[candidate.clone()]);
        let found = selection
            .choice
            .map(|c| (c.distance, c.situation == Situation::FromPrebuild));
        let found = found.ok_or_else(|| selection.rejected[0].1);
        assert_eq!(found, expected, "{main} {additional:?}");
    }
}

#[test]
fn a_link_to_a_prebuild_is_followed_if_there_is_content() {
    let recipe = Recipe::new(&config("tasks:\n  - init: other\n"), "sha256:9", "r");
    let revision = Revision::of("c50");
    let mut running = prebuild(3);
    running.state = PrebuildState::Building;
    let mut foreign = prebuild(4);
    foreign.project = ProjectId::random();
    let all = [prebuild(7), running.clone(), foreign.clone(), prebuild(50)];
    for (forced, choice, reason) in [
        (
            prebuild(7).id,
            Some((prebuild(7).id, Situation::Fresh)),
            Reason::Forced,
        ),
        (
            prebuild(50).id,
            Some((prebuild(50).id, Situation::FromPrebuild)),
            Reason::Forced,
        ),
        (running.id, None, Reason::Unfinished),
        (foreign.id, None, Reason::Unknown),
        (PrebuildId::random(), None, Reason::Unknown),
    ] {
        let wanted = Wanted {
            target: target(&revision, &recipe),
            forced: Some(forced),
            farthest: 0,
        };
        let selection = select(&wanted, &Histories::default(), &all);
        assert_eq!(selection.choice.map(|c| (c.prebuild, c.situation)), choice);
        assert_eq!(selection.reason, reason);
    }
}

#[test]
fn a_platform_that_tells_no_history_has_exact_prebuilds_only() {
    let (revision, recipe) = (Revision::of("c50"), recipe());
    let wanted = Wanted {
        target: target(&revision, &recipe),
        forced: None,
        farthest: 100,
    };
    let none = Histories::default();
    assert_eq!(select(&wanted, &none, &[prebuild(49)]).choice, None);
    assert!(
        select(&wanted, &none, &[prebuild(49), prebuild(50)])
            .choice
            .is_some()
    );
}

#[test]
fn what_makes_no_content_does_not_count() {
    let base = recipe();
    for (text, same) in [
        (
            "image: debian:12\ntasks:\n  - init: ' make '\n    command: ./other\n    name: x\n",
            true,
        ),
        ("tasks:\n  - init: make\nports:\n  - port: 80\n", true),
        ("tasks:\n  - init: make\n  - command: ./more\n", true),
        ("tasks:\n  - command: ./first\n  - init: make\n", false),
        ("tasks:\n  - init: make\n    before: x\n", false),
        ("tasks:\n  - init: make\nenv:\n  A: b\n", false),
        ("tasks:\n  - init: make\ncheckoutLocation: x\n", false),
        (
            "tasks:\n  - init: make\nadditionalRepositories:\n  - url: https://github.com/o/x\n",
            false,
        ),
    ] {
        let other = Recipe::new(&config(text), "sha256:1", "r");
        assert_eq!(base.difference(&other).is_none(), same, "{text}");
        assert_eq!(base == other, same, "{text}");
    }
}

fn candidates() -> impl Strategy<Value = Vec<Prebuild>> {
    let one = (
        0..60_usize,
        0..6_u8,
        any::<bool>(),
        any::<bool>(),
        0..4_u8,
        0..200_u64,
    );
    let one = one.prop_map(|(number, state, collected, failed, image, seconds)| {
        let mut candidate = prebuild(number);
        candidate.id = PrebuildId::random();
        candidate.created_at = at(seconds);
        candidate.state = match state {
            0 => PrebuildState::Building,
            1 => PrebuildState::Failed,
            _ => PrebuildState::Available,
        };
        candidate.collected = collected && state == 2;
        candidate.error = failed.then(|| "failed".to_owned());
        if image == 0 {
            "sha256:other".clone_into(&mut candidate.recipe.image);
        }
        candidate
    });
    proptest::collection::vec(one, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_choice_fits_is_the_nearest_and_does_not_depend_on_the_order(candidates in candidates(), turn in 0..12_usize) {
        let selection = choose(&candidates);
        let mut turned = candidates.clone();
        turned.rotate_left(turn % candidates.len().max(1));
        prop_assert_eq!(choose(&turned).choice, selection.choice);
        let number = |p: &Prebuild| p.revision.main[1..].parse::<usize>().unwrap();
        let fits = |p: &&Prebuild| {
            p.state == PrebuildState::Available && !p.collected && p.recipe == recipe() && (20..=50).contains(&number(p))
        };
        let fitting: Vec<_> = candidates.iter().filter(fits).collect();
        let nearest = fitting.iter().map(|p| 50 - number(p)).min();
        prop_assert_eq!(selection.choice.map(|c| c.distance), nearest);
        prop_assert_eq!(selection.rejected.len() + fitting.len(), candidates.len());
        if let Some(choice) = selection.choice {
            prop_assert!(fitting.iter().any(|p| p.id == choice.prebuild));
            prop_assert_eq!(choice.situation == Situation::FromPrebuild, choice.distance == 0);
        }
    }
}
