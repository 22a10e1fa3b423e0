//! Whether a project wants an event prebuilt.

use gitpod_core::prebuild::{
    BranchRule, Configuration, Event, PrebuildSettings, Reason, Trigger, precondition,
};

use super::{CONFIG, config};

fn settings(trigger: Trigger) -> PrebuildSettings {
    let mut settings = PrebuildSettings::default();
    settings.enabled = true;
    settings.trigger = trigger;
    settings.branches = BranchRule::DefaultBranch;
    settings
}

const PUSH: Event<'_> = Event::Push {
    branch: Some("main"),
    deleted: false,
};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_event_is_answered_with_a_reason() {
    let pull = |from_fork| Event::PullRequest {
        branch: Some("main"),
        from_fork,
    };
    let activity = Event::Activity {
        branch: Some("main"),
    };
    let (webhook, active) = (Trigger::WebhookBased, Trigger::ActivityBased);
    let file = config(CONFIG);
    for (trigger, event, go, reason) in [
        (webhook, PUSH, true, Reason::DefaultBranch),
        (
            webhook,
            Event::Push {
                branch: Some("x"),
                deleted: false,
            },
            false,
            Reason::NotDefaultBranch,
        ),
        (
            webhook,
            Event::Push {
                branch: None,
                deleted: false,
            },
            false,
            Reason::BranchUnknown,
        ),
        (
            webhook,
            Event::Push {
                branch: Some("main"),
                deleted: true,
            },
            false,
            Reason::BranchDeleted,
        ),
        (webhook, pull(false), true, Reason::DefaultBranch),
        (webhook, pull(true), false, Reason::FromFork),
        (webhook, activity, false, Reason::TriggerIsWebhook),
        (webhook, Event::Manual, true, Reason::AskedFor),
        (active, PUSH, false, Reason::TriggerIsActivity),
        (active, pull(false), false, Reason::TriggerIsActivity),
        (active, activity, true, Reason::DefaultBranch),
        (
            active,
            Event::Activity { branch: Some("x") },
            false,
            Reason::NotDefaultBranch,
        ),
        (active, Event::Manual, true, Reason::AskedFor),
    ] {
        let verdict = precondition(
            &settings(trigger),
            Configuration::File(&file),
            event,
            Some("main"),
        );
        assert_eq!(
            (verdict.go, verdict.reason),
            (go, reason),
            "{trigger:?} {event:?}"
        );
    }
}

#[test]
fn without_a_configuration_with_something_to_do_nothing_is_prebuilt() {
    let settings = settings(Trigger::WebhookBased);
    for event in [PUSH, Event::Manual] {
        let verdict = precondition(&settings, Configuration::Missing, event, Some("main"));
        assert_eq!(
            (verdict.go, verdict.reason),
            (false, Reason::NoConfiguration)
        );
        for (text, reason) in [
            ("ports:\n  - port: 80\n", Reason::NoTasks),
            ("tasks:\n  - command: ./serve\n", Reason::NoTasks),
            ("tasks:\n  - init: '  '\n", Reason::NoTasks),
        ] {
            let config = config(text);
            let verdict =
                precondition(&settings, Configuration::File(&config), event, Some("main"));
            assert_eq!((verdict.go, verdict.reason), (false, reason), "{text}");
        }
        for key in ["before", "init", "prebuild"] {
            let config = config(&format!("tasks:\n  - {key}: make\n"));
            assert!(
                precondition(&settings, Configuration::File(&config), event, Some("main")).go,
                "{key}"
            );
        }
    }
}

#[test]
fn a_project_is_prebuilt_only_when_it_wants_that() {
    let file = config(CONFIG);
    let settings = PrebuildSettings::default();
    let verdict = precondition(&settings, Configuration::File(&file), Event::Manual, None);
    assert_eq!((verdict.go, verdict.reason), (false, Reason::NotEnabled));
    let empty: PrebuildSettings = serde_json::from_str("{}").unwrap();
    assert_eq!(empty, settings);
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(
        serde_json::from_str::<PrebuildSettings>(&json).unwrap(),
        settings
    );
}

#[test]
fn reasons_have_codes_and_sentences_of_their_own() {
    for (index, reason) in Reason::ALL.iter().enumerate() {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        assert!(
            reason
                .code()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{reason:?}"
        );
        let text = reason.to_string();
        assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
        for other in &Reason::ALL[..index] {
            assert!(
                other.code() != reason.code() && other.to_string() != text,
                "{reason:?}"
            );
        }
    }
}
