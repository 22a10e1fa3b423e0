//! The commands of the life cycle, composed and run by a real shell.

use std::fs;
use std::process::{Command, Stdio};

use gitpod_core::gitpod_yml::Situation;

use super::apply;

/// The lines that the commands of `text` append to `$LOG`, and whether they succeeded, in `situation`.
fn run(text: &str, situation: Situation) -> (Vec<String>, bool) {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    fs::write(&log, "").unwrap();
    let tasks = apply(text).config.tasks(situation);
    let command = tasks.first().map_or("", |task| &task.command);
    let mut shell = Command::new("bash");
    shell
        .args(["--noprofile", "--norc", "-c"])
        .arg(if command.is_empty() { "true" } else { command })
        .env("LOG", &log)
        .current_dir(dir.path())
        .stdin(Stdio::null());
    let status = shell.status().unwrap();
    let lines = fs::read_to_string(&log).unwrap();
    let lines = lines.lines().map(str::to_owned).collect();
    (lines, status.success())
}

const ALL: &str = r#"{
    "initializeCommand": "echo initialize >> $LOG",
    "onCreateCommand": "echo create >> $LOG",
    "updateContentCommand": ["sh", "-c", "echo update >> $LOG"],
    "postCreateCommand": {"only": "echo postCreate >> $LOG"},
    "postStartCommand": "echo start >> $LOG",
    "postAttachCommand": "echo attach >> $LOG"
}"#;

#[test]
fn each_situation_runs_its_commands_in_order_and_never_the_hosts() {
    for (situation, expected) in [
        (
            Situation::Fresh,
            &["create", "update", "postCreate", "start", "attach"][..],
        ),
        (Situation::Prebuild, &["create", "update"]),
        (Situation::FromPrebuild, &["postCreate", "start", "attach"]),
        (Situation::Restart, &["start", "attach"]),
    ] {
        assert_eq!(
            run(ALL, situation),
            (expected.iter().map(ToString::to_string).collect(), true),
            "{situation:?}"
        );
    }
}

#[test]
fn a_command_that_fails_keeps_the_later_ones_from_running() {
    for (text, expected) in [
        (
            r#"{"onCreateCommand": "echo 1 >> $LOG; false", "updateContentCommand": "echo 2 >> $LOG", "postStartCommand": "echo 3 >> $LOG"}"#,
            "1",
        ),
        (
            r#"{"onCreateCommand": "echo 1 >> $LOG; exit 3", "postAttachCommand": "echo 3 >> $LOG"}"#,
            "1",
        ),
        (
            r#"{"postStartCommand": ["sh", "-c", "echo 1 >> $LOG; exit 3"], "postAttachCommand": "echo 2 >> $LOG"}"#,
            "1",
        ),
        (
            r#"{"postStartCommand": "echo 1 >> $LOG; if", "postAttachCommand": "echo 2 >> $LOG"}"#,
            "",
        ),
    ] {
        let (lines, succeeded) = run(text, Situation::Fresh);
        assert_eq!(
            (lines.join(" ").as_str(), succeeded),
            (expected, false),
            "{text}"
        );
    }
}

#[test]
fn commands_do_not_leak_into_each_other_and_words_stay_words() {
    let (lines, succeeded) = run(
        r#"{
        "onCreateCommand": "cd / && set -e && X=1 && export X # a comment",
        "updateContentCommand": "cat <<END >> $LOG\nhere ${X-unset}\nEND",
        "postCreateCommand": "[ \"$PWD\" != / ] && echo \"it's $((1 + 1))\" >> $LOG; true",
        "postStartCommand": ["sh", "-c", "printf '%s\\n' \"$@\" >> $LOG", "sh", "$HOME", "a  b", "it's", "*", ""]
    }"#,
        Situation::Fresh,
    );
    assert_eq!(
        lines,
        ["here unset", "it's 2", "$HOME", "a  b", "it's", "*", ""]
    );
    assert!(succeeded);
}

#[test]
fn named_commands_run_at_the_same_time_and_all_of_them_must_succeed() {
    // Each waits for what the other one makes: one after the other, they would wait for ever.
    let wait = |mine: &str, other: &str| {
        format!(
            "touch {mine}; n=0; until [ -e {other} ]; do n=$((n+1)); [ $n -lt 600 ] || exit 1; sleep 0.1; done"
        )
    };
    let (a, b) = (wait("a", "b"), wait("b", "a"));
    let text = |last: &str| {
        format!(
            r#"{{"postCreateCommand": {{"a": "{a}", "b": ["sh", "-c", "{b}"], "c": "{last}"}}, "postStartCommand": "echo started >> $LOG"}}"#
        )
    };
    assert_eq!(
        run(&text("true"), Situation::Fresh),
        (vec!["started".to_owned()], true)
    );
    assert_eq!(run(&text("exit 7"), Situation::Fresh), (Vec::new(), false));
}

#[test]
fn variables_in_commands_are_replaced_or_left_to_the_shell() {
    let (lines, _) = run(
        r#"{
        "onCreateCommand": "echo ${localWorkspaceFolder} ${containerEnv:LOG:none} ${HOME:+home} ${localEnv:NOBODY:fallback} >> $LOG",
        "postStartCommand": ["sh", "-c", "echo \"$1\" >> $LOG", "sh", "${containerEnv:LOG}+${HOME}"]
    }"#,
        Situation::Fresh,
    );
    let [first, second] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert!(
        first.starts_with("/workspace/app /") && first.ends_with("/log home fallback"),
        "{first}"
    );
    assert!(
        second.starts_with('/') && second.ends_with("/log+${HOME}"),
        "{second}"
    );
}

#[test]
fn a_file_without_commands_has_a_plain_terminal_with_its_name() {
    let named = apply(
        r#"{"name": "Rust", "postCreateCommand": "", "postStartCommand": {}, "onCreateCommand": []}"#,
    );
    let tasks = named.config.tasks(Situation::Fresh);
    assert_eq!(
        (tasks[0].name.as_str(), tasks[0].command.as_str()),
        ("Rust", "")
    );
    assert!(named.config.tasks(Situation::Prebuild).is_empty());
    let folder = apply(r#"{"workspaceFolder": "/workspaces/app/it's", "postStartCommand": "pwd"}"#);
    let command = &folder.config.tasks(Situation::Restart)[0].command;
    assert_eq!(
        command,
        "{\ncd '/workspace/app/it'\\''s'\n} && {\nsh -c pwd\n}"
    );
}
