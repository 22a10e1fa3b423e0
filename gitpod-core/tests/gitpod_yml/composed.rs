//! What a file comes to: commands of tasks, ports, places.

use gitpod_core::gitpod_yml::{GitpodYml, Mode, Situation, parse};
use gitpod_core::port::{OnOpen, Protocol, Visibility};

fn config(text: &str) -> GitpodYml {
    parse(text, Mode::Strict)
        .into_result(".gitpod.yml")
        .unwrap()
        .0
}

const TASK: &str = "tasks: [{before: b, init: i, prebuild: p, command: c}]\n";

#[test]
fn commands_are_chained_as_the_situation_wants() {
    let log =
        "[ -r /workspace/.gitpod/prebuild-log-0 ] && cat /workspace/.gitpod/prebuild-log-0; true";
    for (situation, expected) in [
        (Situation::Fresh, "{\nb\n} && {\ni\n} && {\nc\n}".to_owned()),
        (
            Situation::Prebuild,
            "{\nb\n} && {\ni\n} && {\np\n}".to_owned(),
        ),
        (Situation::Restart, "{\nb\n} && {\nc\n}".to_owned()),
        (
            Situation::FromPrebuild,
            format!("{{\nb\n}} && {{\n{log}\n}} && {{\nc\n}}"),
        ),
    ] {
        let tasks = config(TASK).tasks(situation);
        assert_eq!(tasks[0].command, expected, "{situation:?}");
    }
}

#[test]
fn empty_commands_are_left_out_and_comments_cannot_swallow_the_chain() {
    let config = config(
        "tasks:\n  - before: '  '\n    init: |\n      make  # all\n    command: './run # it'\n",
    );
    assert_eq!(
        config.tasks(Situation::Fresh)[0].command,
        "{\nmake  # all\n} && {\n./run # it\n}"
    );
    assert!(
        config.tasks(Situation::Prebuild)[0]
            .command
            .contains("make")
    );
}

#[test]
fn composed_commands_are_what_a_shell_runs() {
    let text = "tasks:\n  - before: A=1\n    init: |\n      cat <<END\n      $A here\n      END\n    command: echo done # yes\n";
    let command = &config(text).tasks(Situation::Fresh)[0].command;
    let output = std::process::Command::new("sh")
        .args(["-c", command])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 here\ndone\n");
    let failing = config("tasks: [{init: 'false', command: echo never}]\n");
    let command = &failing.tasks(Situation::Fresh)[0].command;
    let output = std::process::Command::new("sh")
        .args(["-c", command])
        .output()
        .unwrap();
    assert!(output.stdout.is_empty() && !output.status.success());
}

#[test]
fn tasks_have_names_numbers_and_their_environment() {
    let text = "tasks:\n  - command: a\n  - {name: ' Web ', command: b, openIn: left, openMode: tab-before}\n  - {env: {S: x, N: 4, L: [1, a], B: true, Z: }}\n";
    let tasks = config(text).tasks(Situation::Fresh);
    let names: Vec<(&str, &str)> = tasks
        .iter()
        .map(|t| (t.id.as_str(), t.name.as_str()))
        .collect();
    assert_eq!(
        names,
        [("0", "Gitpod Task 1"), ("1", "Web"), ("2", "Gitpod Task 3")]
    );
    assert_eq!(tasks[1].open_in.as_deref(), Some("left"));
    assert_eq!(tasks[1].open_mode.as_deref(), Some("tab-before"));
    let env: Vec<(&str, &str)> = tasks[2]
        .env
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        env,
        [
            ("S", "x"),
            ("N", "4"),
            ("L", r#"[1,"a"]"#),
            ("B", "true"),
            ("Z", "null")
        ]
    );
}

#[test]
fn a_file_without_tasks_has_one_terminal_and_nothing_to_prebuild() {
    for text in ["image: debian\n", "tasks: []\n"] {
        let config = config(text);
        let tasks = config.tasks(Situation::Fresh);
        assert_eq!((tasks.len(), tasks[0].command.as_str()), (1, ""));
        assert!(config.tasks(Situation::Prebuild).is_empty());
    }
}

#[test]
fn ports_have_the_originals_defaults() {
    let ports = config("ports:\n  - port: 3000\n  - {port: 4000-4001, visibility: public, protocol: https, onOpen: ignore, name: n, description: d}\n").ports();
    let first = &ports[0];
    assert_eq!((first.start, first.end), (3000, 3000));
    let defaults = (first.visibility, first.protocol, first.on_open);
    assert_eq!(
        defaults,
        (Visibility::Private, Protocol::Http, OnOpen::Notify)
    );
    let second = &ports[1];
    assert_eq!((second.start, second.end), (4000, 4001));
    let set = (second.visibility, second.protocol, second.on_open);
    assert_eq!(set, (Visibility::Public, Protocol::Https, OnOpen::Ignore));
    let texts = (second.name.as_deref(), second.description.as_deref());
    assert_eq!(texts, (Some("n"), Some("d")));
}

#[test]
fn places_are_relative_to_the_workspace() {
    for (text, checkout, workspace) in [
        ("image: x\n", "repo", "repo"),
        ("checkoutLocation: src/app/\n", "src/app", "src/app"),
        ("checkoutLocation: .\n", "repo", "repo"),
        ("workspaceLocation: .\n", "repo", ""),
        (
            "checkoutLocation: app\nworkspaceLocation: /workspace/app/a.code-workspace\n",
            "app",
            "app/a.code-workspace",
        ),
    ] {
        let config = config(text);
        assert_eq!(config.checkout_location("repo"), checkout, "{text}");
        assert_eq!(config.workspace_location("repo"), workspace, "{text}");
    }
}

#[test]
fn core_dumps_are_off_unless_asked_for() {
    for (text, limits) in [
        ("coreDump: {}\n", (0, 0)),
        ("coreDump: {enabled: false, softLimit: 5}\n", (0, 0)),
        ("coreDump: {enabled: true}\n", (1 << 30, 1 << 30)),
        ("coreDump: {enabled: true, hardLimit: 5}\n", (5, 5)),
        ("coreDump: {enabled: true, softLimit: 5}\n", (5, 1 << 30)),
    ] {
        assert_eq!(config(text).core_dump.unwrap().limits(), limits, "{text}");
    }
}
