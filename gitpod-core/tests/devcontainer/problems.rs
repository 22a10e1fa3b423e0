//! What is wrong is told with its place, its text, and what was probably meant.

use gitpod_core::ErrorKind;
use gitpod_core::devcontainer::{Mode, Severity, parse};

/// The problems, as they print.
fn problems(text: &str, mode: Mode) -> Vec<String> {
    let parsed = parse(text, mode);
    parsed.problems.iter().map(ToString::to_string).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn wrong_types_reject_the_file_in_both_modes() {
    for (text, expected) in [
        (
            r#"{"image": 12}"#,
            "line 1, column 11: `12`: image must be a text, this is a number",
        ),
        (
            r#"{"build": "Dockerfile"}"#,
            "line 1, column 11: `Dockerfile`: build must be an object (`{…}`), this is a text",
        ),
        (
            r#"{"build": {"context": "."}}"#,
            "line 1, column 11: build lacks its `dockerfile`",
        ),
        (
            "{\n\t\"forwardPorts\": 3000\n}",
            "line 2, column 18: `3000`: forwardPorts must be a list (`[…]`), this is a number",
        ),
        (
            r#"{"forwardPorts": [3000, 70000]}"#,
            "line 1, column 25: `70000`: forwardPorts[1] must be a port between 1 and 65535",
        ),
        (
            r#"{"forwardPorts": ["web"]}"#,
            "line 1, column 19: `web`: forwardPorts[0] must be a port such as 3000 or \"db:5432\"",
        ),
        (
            r#"{"portsAttributes": {"80": {"onAutoForward": "openBrowse"}}}"#,
            "line 1, column 46: `openBrowse`: portsAttributes.80.onAutoForward must be one of notify, openBrowser, \
             openBrowserOnce, openPreview, silent, ignore (did you mean `openBrowser`?)",
        ),
        (
            r#"{"postCreateCommand": 5}"#,
            "line 1, column 23: `5`: postCreateCommand must be a text, a list of texts, or an object of these, this is a number",
        ),
        (
            r#"{"postCreateCommand": {"a": {}}}"#,
            "line 1, column 29: postCreateCommand.a must be a text or a list of texts, this is an object",
        ),
        (
            r#"{"onCreateCommand": ["make", 1]}"#,
            "line 1, column 30: `1`: onCreateCommand[1] must be a text, this is a number",
        ),
        (
            r#"{"waitFor": "postCreate"}"#,
            "line 1, column 13: `postCreate`: waitFor must be one of initializeCommand, onCreateCommand, \
             updateContentCommand, postCreateCommand, postStartCommand",
        ),
        (
            r#"{"privileged": "true"}"#,
            "line 1, column 16: `true`: privileged must be true or false, this is a text",
        ),
        (
            r#"{"hostRequirements": {"memory": "much"}}"#,
            "line 1, column 33: `much`: hostRequirements.memory must be a size such as 8gb, 512mb or 1tb",
        ),
        (
            r#"{"hostRequirements": {"cpus": 0}}"#,
            "line 1, column 31: `0`: hostRequirements.cpus must be a whole number, 1 or more",
        ),
        (
            r#"{"hostRequirements": {"gpu": "maybe"}}"#,
            "line 1, column 30: `maybe`: hostRequirements.gpu must be one of optional",
        ),
        (
            r#"{"mounts": [{"type": "bind"}]}"#,
            "line 1, column 13: mounts[0] lacks its `target`",
        ),
        (
            r#"{"dockerComposeFile": "compose.yml"}"#,
            "line 1, column 2: `dockerComposeFile`: dockerComposeFile needs a `service` beside it: the one to work in",
        ),
        (
            r#"{"containerEnv": {"A": ["x"]}}"#,
            "line 1, column 24: containerEnv.A must be a text, this is a list",
        ),
        (
            r#"{"customizations": {"vscode": {"settings": []}}}"#,
            "line 1, column 44: customizations.vscode.settings must be an object (`{…}`), this is a list",
        ),
        (
            r#"["image"]"#,
            "line 1, column 1: the file must be an object (`{…}`), this is a list",
        ),
    ] {
        for mode in [Mode::Strict, Mode::Lenient] {
            assert_eq!(problems(text, mode), [expected], "{text}");
            assert!(!parse(text, mode).accepted(), "{text}");
        }
    }
}

#[test]
fn what_is_unknown_or_clear_anyway_is_a_warning_except_in_strict_mode() {
    for (text, expected) in [
        (
            "{\n  \"imag\": \"debian\"\n}",
            "line 2, column 3: `imag`: unknown property at the top level (did you mean `image`?)",
        ),
        (
            r#"{"build": {"dockerFile": "x", "dockerfile": "y"}}"#,
            "line 1, column 12: `dockerFile`: unknown property in build (did you mean `dockerfile`?)",
        ),
        (
            r#"{"portsAttributes": {"3000": {"visibility": "public"}}}"#,
            "line 1, column 31: `visibility`: unknown property in portsAttributes.3000",
        ),
        (
            r#"{"forwardPorts": ["3000"]}"#,
            "line 1, column 19: `3000`: forwardPorts[0] must be a number; leave the quotes out",
        ),
        (
            r#"{"containerEnv": {"A": 1.50}}"#,
            "line 1, column 24: `1.50`: containerEnv.A must be a text, this is a number; put it in quotes",
        ),
        (
            r#"{"postCreateCommand": null}"#,
            "line 1, column 23: `null`: postCreateCommand must be a text, a list of texts, or an object of these, this is null",
        ),
        (
            r#"{"hostRequirements": {"cpus": "4"}}"#,
            "line 1, column 31: `4`: hostRequirements.cpus must be a number; leave the quotes out",
        ),
    ] {
        assert_eq!(problems(text, Mode::Lenient), [expected], "{text}");
        assert!(parse(text, Mode::Lenient).accepted(), "{text}");
        assert_eq!(problems(text, Mode::Strict), [expected], "{text}");
        assert!(!parse(text, Mode::Strict).accepted(), "{text}");
    }
    let config = parse(r#"{"forwardPorts": ["3000"]}"#, Mode::Lenient).config;
    assert_eq!(
        config,
        parse(r#"{"forwardPorts": [3000]}"#, Mode::Lenient).config
    );
}

#[test]
fn what_is_deprecated_or_without_effect_is_remarked_on() {
    for (text, expected) in [
        (
            r#"{"dockerFile": "Dockerfile"}"#,
            "line 1, column 2: `dockerFile`: deprecated, use `build.dockerfile`",
        ),
        (
            r#"{"image": "x", "build": {"dockerfile": "y"}}"#,
            "line 1, column 2: `image`: has no effect beside `build`",
        ),
        (
            r#"{"image": "x", "name": "a", "name": "b"}"#,
            "line 1, column 29: `name`: given twice; this one counts",
        ),
        (
            r#"{"mounts": ["/a:/b"]}"#,
            "line 1, column 13: `/a:/b`: not a mount such as `source=cache,target=/cache,type=volume`",
        ),
        (
            r#"{"features": {"x": {"list": [1]}}}"#,
            "line 1, column 29: features.x.list must be a text, true or false, this is a list",
        ),
    ] {
        assert_eq!(problems(text, Mode::Strict), [expected], "{text}");
        assert!(parse(text, Mode::Strict).accepted(), "{text}");
    }
    let twice = parse(r#"{"name": "a", "name": "b"}"#, Mode::Lenient).config;
    assert_eq!(twice.name.as_deref(), Some("b"));
}

#[test]
fn broken_json_is_told_with_line_and_column() {
    for (text, expected) in [
        ("", "line 1, column 1: the file is empty"),
        ("// nothing\n", "line 1, column 1: the file is empty"),
        (
            "{\n  \"name\": \"é\" \"image\": 1\n}",
            "line 2, column 14: `\"name\": \"é\" \"image\": 1`: not JSON with comments: a comma is missing after this",
        ),
        (
            "{\n  'name': 1\n}",
            "line 2, column 3: `'name': 1`: not JSON with comments: texts stand in double quotes",
        ),
        (
            "{\n  name: 1\n}",
            "line 2, column 3: `name: 1`: not JSON with comments: keys stand in double quotes",
        ),
        (
            "{\"a\": [1, 2",
            "line 1, column 7: `{\"a\": [1, 2`: not JSON with comments: the `[` here is never closed",
        ),
        (
            "{} {}",
            "line 1, column 4: `{} {}`: not JSON with comments: text cannot contain more than one JSON value",
        ),
        (
            "{\"a\": /* ",
            "line 1, column 7: `{\"a\": /*`: not JSON with comments: unterminated comment block",
        ),
        (
            "{\"a\": .5}",
            "line 1, column 7: `{\"a\": .5}`: not JSON with comments: leading or trailing decimal points on numbers are not allowed",
        ),
        (
            "{\"a\": \"\\x41\"}",
            "line 1, column 8: `{\"a\": \"\\x41\"}`: not JSON with comments: invalid escape",
        ),
        (
            "{,}",
            "line 1, column 2: `{,}`: not JSON with comments: unexpected token in object",
        ),
    ] {
        assert_eq!(problems(text, Mode::Lenient), [expected], "{text}");
        let parsed = parse(text, Mode::Lenient);
        assert_eq!(parsed.problems[0].severity, Severity::Error);
    }
}

#[test]
fn the_error_for_callers_names_the_first_place_and_says_what_to_do() {
    let parsed = parse("{\n  \"image\": 1,\n  \"name\": 2\n}", Mode::Lenient);
    let error = parsed.into_result(".devcontainer.json").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
    assert_eq!(
        error.to_string(),
        ".devcontainer.json is not valid: line 2, column 12: `1`: image must be a text, this is a number \
         (line: 2, column: 12, further errors: 1)"
    );
    assert!(
        error
            .hint()
            .unwrap()
            .contains("gitpod config parse .devcontainer.json")
    );
}
