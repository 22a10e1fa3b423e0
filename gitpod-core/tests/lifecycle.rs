//! The lifecycle against a toy world: random wishes and faults, then peace; it must converge and never break a promise.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use gitpod_core::workspace::{
    ContentState, Desired, FailureReason, Phase, StepKind, StepState, StopReason,
};
use proptest::prelude::*;

#[path = "lifecycle/world.rs"]
mod world;

use world::{Step, World};

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Start),
        2 => Just(Step::Stop),
        1 => prop::bool::weighted(0.2).prop_map(|d| if d { Step::Delete } else { Step::Reconcile }),
        12 => Just(Step::Reconcile),
        12 => Just(Step::Finish),
        3 => any::<bool>().prop_map(|lasting| Step::Fail { lasting }),
        2 => any::<bool>().prop_map(|effects_happened| Step::Crash { effects_happened }),
        1 => any::<bool>().prop_map(|oom| Step::Die { oom }),
        1 => Just(Step::Reboot),
        3 => Just(Step::EditorReady),
        1 => Just(Step::EditorFails),
        2 => any::<bool>().prop_map(Step::Unreachable),
        3 => (0_u64..4000).prop_map(|s| Step::Pass(Duration::from_secs(s))),
    ]
}

/// Lets everything under way come to its end, without further faults.
fn settle(world: &mut World) {
    world.apply(&Step::Unreachable(false));
    for _ in 0..200 {
        if world.record.is_none() {
            return;
        }
        let before = world.record().clone();
        world.apply(&Step::Reconcile);
        let quiet = world.idle();
        while !world.idle() {
            world.apply(&Step::Finish);
        }
        world.apply(&Step::EditorReady);
        world.apply(&Step::Pass(Duration::from_millis(500)));
        if quiet && world.record.as_ref() == Some(&before) {
            let phase = before.status.phase;
            if matches!(phase, Phase::Running | Phase::Stopped) {
                return;
            }
        }
    }
    panic!("it does not converge: {:#?}", world.record());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn it_converges_and_keeps_its_promises(steps in prop::collection::vec(any_step(), 0..80)) {
        let mut world = World::new();
        let mut had_content = false;
        for step in &steps {
            world.apply(step);
            prop_assert!(world.live() <= 1);
            if let Some(record) = &world.record {
                had_content |= record.status.content == ContentState::Present;
                let deleted = matches!(record.desired, Desired::Deleted { .. });
                let lost = had_content && record.status.content == ContentState::Absent;
                prop_assert!(!lost || deleted, "content forgotten");
            }
        }
        settle(&mut world);
        let Some(record) = &world.record else {
            prop_assert!(world.runtime.is_empty());
            return Ok(());
        };
        match record.desired {
            Desired::Running(wanted) => {
                let instance = record.status.instance.as_ref().unwrap();
                prop_assert_eq!(instance.id, wanted);
                if record.status.phase == Phase::Stopped {
                    prop_assert!(instance.stop_reason.is_some());
                } else {
                    prop_assert_eq!(world.live(), 1);
                    prop_assert!(world.runtime.contains_key(&wanted));
                }
            }
            Desired::Stopped(_) | Desired::Deleted { .. } => {
                prop_assert_eq!(record.status.phase, Phase::Stopped);
            }
        }
        if record.status.phase == Phase::Stopped {
            prop_assert!(world.runtime.is_empty(), "something of it is left");
        }
        let quiet = record.clone();
        world.apply(&Step::Reconcile);
        prop_assert!(world.idle(), "a settled workspace still wants to do something");
        prop_assert_eq!(world.record(), &quiet);
    }
}

fn running() -> World {
    let mut world = World::new();
    world.apply(&Step::Start);
    settle(&mut world);
    assert_eq!(world.record().status.phase, Phase::Running);
    world
}

#[test]
fn a_start_goes_through_nine_steps() {
    let world = running();
    let instance = world.record().status.instance.as_ref().unwrap();
    let kinds: Vec<_> = instance.steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, StepKind::ALL);
    assert!(
        instance
            .steps
            .iter()
            .all(|step| step.state == StepState::Done && step.duration().is_some())
    );
}

#[test]
fn a_memory_kill_is_called_by_its_name() {
    let mut world = running();
    world.apply(&Step::Die { oom: true });
    settle(&mut world);
    let instance = world.record().status.instance.as_ref().unwrap();
    let failure = instance.failure.as_ref().unwrap();
    assert_eq!(failure.reason, FailureReason::OutOfMemory);
    assert!(failure.message.contains("killed for memory"));
    assert_eq!(instance.stop_reason, Some(StopReason::Failed));
    assert_eq!(world.record().status.content, ContentState::Present);
}

#[test]
fn an_idle_instance_stops_and_says_why() {
    let mut world = running();
    world.apply(&Step::Pass(Duration::from_mins(29)));
    settle(&mut world);
    assert_eq!(world.record().status.phase, Phase::Running);
    world.apply(&Step::Pass(Duration::from_mins(1)));
    settle(&mut world);
    assert_eq!(world.record().status.phase, Phase::Stopped);
    let instance = world.record().status.instance.as_ref().unwrap();
    assert_eq!(instance.stop_reason, Some(StopReason::Inactivity));
    assert_eq!(instance.failure, None);
}

#[test]
fn missing_files_are_never_replaced_by_others() {
    let mut world = running();
    world.apply(&Step::Stop);
    settle(&mut world);
    world.volume = gitpod_core::workspace::VolumeFact::Absent;
    world.apply(&Step::Start);
    settle(&mut world);
    let status = &world.record().status;
    assert_eq!(status.phase, Phase::Stopped);
    let failure = status.instance.as_ref().unwrap().failure.as_ref().unwrap();
    assert_eq!(failure.reason, FailureReason::ContentFailed);
}

#[test]
fn deleted_content_goes_after_the_grace_time() {
    let mut world = running();
    world.apply(&Step::Delete);
    settle(&mut world);
    assert_eq!(world.record().status.phase, Phase::Stopped);
    assert_eq!(world.volume, gitpod_core::workspace::VolumeFact::Complete);
    world.apply(&Step::Pass(Duration::from_hours(336)));
    settle(&mut world);
    assert!(world.record.is_none());
}

#[test]
fn a_stop_that_meets_trouble_is_tried_again_and_told() {
    let mut world = running();
    world.apply(&Step::Stop);
    world.apply(&Step::Reconcile);
    let mut since = None;
    for attempt in 1..=5 {
        world.apply(&Step::Fail { lasting: true });
        world.apply(&Step::Reconcile);
        assert_eq!(world.record().status.phase, Phase::Stopping);
        let instance = world.record().status.instance.as_ref().unwrap();
        let trouble = instance.stop_trouble.clone().unwrap();
        assert_eq!(trouble.what, "end its processes");
        assert_eq!(
            (trouble.attempts, trouble.message.as_str()),
            (attempt, "injected")
        );
        assert!(trouble.hint.contains("files are kept"));
        assert_eq!(*since.get_or_insert(trouble.since), trouble.since);
        assert!(trouble.next > world.now, "with a pause");
        assert!(world.idle());
        world.apply(&Step::Pass(Duration::from_mins(1)));
        world.apply(&Step::Reconcile);
        assert!(!world.idle(), "it is tried again");
        let instance = world.record().status.instance.as_ref().unwrap();
        assert_eq!(instance.stop_trouble.as_ref(), Some(&trouble));
    }
    settle(&mut world);
    let status = &world.record().status;
    assert_eq!(status.phase, Phase::Stopped);
    assert_eq!(status.content, ContentState::Present);
    assert_eq!(status.instance.as_ref().unwrap().stop_trouble, None);
}
