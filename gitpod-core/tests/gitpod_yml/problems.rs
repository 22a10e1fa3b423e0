//! What is wrong is told with its place, its text, and what was probably meant.

use gitpod_core::ErrorKind;
use gitpod_core::gitpod_yml::{Mode, Severity, parse};

/// The problems that are errors, as they print.
fn errors(text: &str, mode: Mode) -> Vec<String> {
    parse(text, mode)
        .errors()
        .map(ToString::to_string)
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn strict_mode_rejects_what_the_schema_does_not_know() {
    for (text, expected) in [
        (
            "imag: x\n",
            "line 1, column 1: `imag`: unknown key at the top level (did you mean `image`?)",
        ),
        (
            "tasks:\n  - comand: make\n",
            "line 2, column 5: `comand`: unknown key in tasks[0] (did you mean `command`?)",
        ),
        (
            "ports:\n  - port: 3000\n    frobnicate: 1\n",
            "line 3, column 5: `frobnicate`: unknown key in ports[0]",
        ),
        (
            "ports:\n  - port: 3000\n    onOpen: open-browse\n",
            "line 3, column 13: `open-browse`: ports[0].onOpen must be one of notify, open-browser, open-preview, ignore, \
             ignore-completely (did you mean `open-browser`?)",
        ),
        (
            "ports:\n  - name: web\n",
            "line 2, column 5: ports[0] lacks its `port`",
        ),
        (
            "ports: [{port: '3000'}]\n",
            "line 1, column 16: `3000`: ports[0].port must be a number, this is a text; leave the quotes out",
        ),
        (
            "ports: [{port: http}]\n",
            "line 1, column 16: `http`: ports[0].port must be a number such as 3000 or a range such as 3000-3999",
        ),
        (
            "image:\n  context: .\n",
            "line 2, column 3: image lacks its `file`",
        ),
        (
            "image: 12\n",
            "line 1, column 8: `12`: image must be a text or a mapping (`key: value` lines), this is a number",
        ),
        (
            "tasks:\n",
            "line 1, column 1: tasks is empty, it must be a list (`- item` lines)",
        ),
        (
            "tasks:\n  init: make\n",
            "line 2, column 3: tasks must be a list (`- item` lines), this is a mapping",
        ),
        (
            "tasks:\n  - init: true\n",
            "line 2, column 11: `true`: tasks[0].init must be a text, this is true or false; put it in quotes",
        ),
        (
            "tasks: [{name: 2024-01-01}]\n",
            "line 1, column 16: `2024-01-01`: tasks[0].name must be a text, this is a date; put it in quotes",
        ),
        (
            "experimentalNetwork: yes\n",
            "line 1, column 22: `yes`: experimentalNetwork must be true or false, this is a text",
        ),
        (
            "coreDump: {enabled: true, softLimit: much}\n",
            "line 1, column 38: `much`: coreDump.softLimit must be a number, this is a text",
        ),
        (
            "jetbrains: {goland: {prebuilds: {version: newest}}}\n",
            "line 1, column 43: `newest`: jetbrains.goland.prebuilds.version must be one of stable, latest, both",
        ),
        (
            "github: {prebuilds: {addCheck: sometimes}}\n",
            "line 1, column 32: `sometimes`: github.prebuilds.addCheck must be one of prevent-merge-on-error",
        ),
        (
            "additionalRepositories: [{checkoutLocation: x}]\n",
            "line 1, column 26: additionalRepositories[0] lacks its `url`",
        ),
        (
            "gitConfig: {core.x: [1]}\n",
            "line 1, column 21: gitConfig.core.x must be a text, this is a list",
        ),
        (
            "- image\n",
            "line 1, column 1: the file must be a mapping (`key: value` lines), this is a list",
        ),
        (
            "",
            "line 1, column 1: the file is empty, it must be a mapping (`key: value` lines)",
        ),
    ] {
        assert_eq!(errors(text, Mode::Strict), [expected], "{text}");
    }
}

#[test]
fn lenient_mode_goes_on_where_the_meaning_is_clear() {
    let text = "imag: x\nimage: debian\ntasks:\nports: [{port: '3000', name: 8}]\nenv: {A: 1, B: 1.50, C: no}\n";
    let parsed = parse(text, Mode::Lenient);
    assert!(parsed.accepted(), "{:?}", parsed.problems);
    let places: Vec<(u64, u64)> = parsed
        .problems
        .iter()
        .map(|problem| (problem.position.line, problem.position.column))
        .collect();
    assert_eq!(places, [(1, 1), (3, 1), (4, 16), (4, 30), (5, 10), (5, 16)]);
    let config = &parsed.config;
    assert_eq!(
        (config.ports[0].port.start, config.ports[0].name.as_deref()),
        (3000, Some("8"))
    );
    let env = [("A", "1"), ("B", "1.50"), ("C", "no")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(config.variables(), env);
    assert_eq!(errors(text, Mode::Strict).len(), 6);
    for broken in [
        "tasks: 1\n",
        "ports: [{}]\n",
        "image: {}\n",
        "ports: [{port: 1, onOpen: x}]\n",
    ] {
        assert_eq!(errors(broken, Mode::Lenient).len(), 1, "{broken}");
    }
    assert!(parse("# nothing yet\n", Mode::Lenient).accepted());
}

#[test]
fn what_cannot_take_effect_is_told_and_left_out() {
    for text in [
        "ports: [{port: 0}]\n",
        "ports: [{port: 65536}]\n",
        "ports: [{port: -1}]\n",
        "ports: [{port: 3.5}]\n",
        "ports: [{port: 3000-2000}]\n",
        "ports: [{port: 1-99999}]\n",
        "env: {'not a name': x}\n",
        "tasks: [{env: {'1': x}}]\n",
        "gitConfig: {'--upload-pack': x}\n",
        "gitConfig: {\"a.b\\nc\": x}\n",
        "image: ''\n",
    ] {
        let parsed = parse(text, Mode::Strict);
        assert!(parsed.accepted(), "{text}: {:?}", parsed.problems);
        assert_eq!(parsed.problems.len(), 1, "{text}: {:?}", parsed.problems);
        let config = parsed.config;
        assert!(
            config.ports().is_empty() && config.image.is_none(),
            "{text}"
        );
        assert!(
            config.variables().is_empty() && config.git_settings().is_empty(),
            "{text}"
        );
        let tasks = config.tasks(gitpod_core::gitpod_yml::Situation::Fresh);
        assert!(tasks.iter().all(|task| task.env.is_empty()), "{text}");
    }
}

#[test]
fn directories_outside_the_workspace_are_told_and_left_out() {
    for location in ["..", "../x", "a/../../b", "/etc", "/workspaces"] {
        for key in ["checkoutLocation", "workspaceLocation"] {
            let text = format!("{key}: {location}\n");
            for mode in [Mode::Strict, Mode::Lenient] {
                let parsed = parse(&text, mode);
                // The original's parser takes any text; a workspace would then fail to start.
                assert!(parsed.accepted(), "{text}");
                let expected = format!(
                    "{key} must be a directory below /workspace, without `..`; it is ignored"
                );
                assert_eq!(parsed.problems[0].message, expected);
                assert_eq!(parsed.config.checkout_location("r"), "r");
                assert_eq!(parsed.config.workspace_location("r"), "r");
            }
        }
    }
}

#[test]
fn broken_yaml_is_told_with_line_and_column() {
    for (text, line, column) in [
        ("image: debian\ntasks:\n  - init: 'make\n", 3, 11),
        ("image: debian\nimage: fedora\n", 2, 1),
        ("env:\n  A: b\n C: d\n", 3, 2),
        ("tasks: [{}, {}\n", 1, 8),
        ("image: *nowhere\n", 1, 8),
        ("tasks: &a [*a]\n", 1, 12),
        ("image: a: b\n", 1, 9),
        ("image: a\n  b: c\n", 2, 4),
        ("image: \"\\q\"\n", 1, 10),
        ("image: !mine x\n", 1, 8),
        ("image: a\0b\n", 1, 9),
        ("image: a\n---\nimage: b\n", 2, 1),
    ] {
        for mode in [Mode::Strict, Mode::Lenient] {
            let parsed = parse(text, mode);
            let [problem] = parsed.problems.as_slice() else {
                panic!("{text}: {:?}", parsed.problems);
            };
            assert_eq!(problem.severity, Severity::Error);
            let place = (problem.position.line, problem.position.column);
            assert_eq!(place, (line, column), "{text}: {problem}");
            assert!(
                problem.message.starts_with("not YAML that can be read: "),
                "{problem}"
            );
        }
    }
}

#[test]
fn the_error_for_callers_names_the_first_place_and_says_what_to_do() {
    let parsed = parse("tasks:\n  - open: x\n    inti: y\n", Mode::Strict);
    let error = parsed.into_result(".gitpod.yml").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
    assert_eq!(
        error.to_string(),
        ".gitpod.yml is not valid: line 2, column 5: `open`: unknown key in tasks[0] (did you mean `openIn`?) \
         (line: 2, column: 5, further errors: 1)"
    );
    assert!(error.hint().unwrap().contains("gitpod config parse"));
    let (config, warnings) = parse("imag: x\n", Mode::Lenient)
        .into_result(".gitpod.yml")
        .unwrap();
    assert_eq!((config.image, warnings.len()), (None, 1));
}
