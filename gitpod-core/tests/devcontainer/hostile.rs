//! Hostile files: rejected soon, with a problem, without a panic.

use std::fmt::Write as _;
use std::time::Duration;

use gitpod_core::devcontainer::{MAX_BYTES, Mode, Parsed, parse};
use proptest::prelude::*;

use super::surroundings;

/// Long enough to tell a quadratic parser from a linear one.
const LONG: usize = MAX_BYTES / 2;
/// Far more than any file takes on a busy machine in a debug build, far less than a quadratic one would.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the text and applies what it says.
fn timed(text: &str) -> Parsed {
    #[expect(clippy::disallowed_methods, reason = "measures the parser itself")]
    let start = std::time::Instant::now();
    let parsed = parse(text, Mode::Lenient);
    let applied = parsed.config.apply(&surroundings());
    let took = start.elapsed();
    assert!(applied.notices.len() < 300);
    let head: String = text.chars().take(40).collect();
    assert!(took < PATIENCE, "{took:?} for {} bytes: {head}", text.len());
    parsed
}

fn fill(unit: &str) -> String {
    unit.repeat(LONG / unit.len())
}

#[test]
fn long_files_are_refused_without_being_read() {
    let parsed = timed(&" ".repeat(10 << 20));
    let [problem] = parsed.problems.as_slice() else {
        panic!("{:?}", parsed.problems);
    };
    assert_eq!(problem.message, "the file is longer than 1048576 bytes");
}

#[test]
fn long_texts_are_read_soon() {
    let mut keys = String::from("{");
    while keys.len() < LONG {
        let _ = write!(keys, "\"k{}\": 1,", keys.len());
    }
    keys.push('}');
    for text in [
        fill("["),
        fill("{\"a\":"),
        fill("\""),
        fill("/*"),
        fill("//\n"),
        fill("\\"),
        fill("\n"),
        fill("1"),
        format!("{{\"a\": [{}]}}", fill("{},")),
        format!("{{\"forwardPorts\": [{}1]}}", "1,".repeat(9000)),
        format!("{{\"forwardPorts\": [{}]}}", "\"x\",".repeat(9000)),
        format!("{{\"runArgs\": [{}]}}", "\"-e\",".repeat(9000)),
        format!("{{\"postCreateCommand\": \"{}\"}}", fill("${")),
        format!("{{\"postCreateCommand\": \"{}\"}}", fill("${x}")),
        format!("{{\"postCreateCommand\": \"{}\"}}", fill("'")),
        format!("{{\"image\": \"{}\"}}", fill("x")),
        format!("{{\"name\": \"{}\", \"{}\": 1}}", fill("\\\""), fill("k")),
        keys,
    ] {
        timed(&text);
    }
}

#[test]
fn many_entries_of_one_property_are_read_soon() {
    let entries = |value: &str, most: usize| -> String {
        (0..most).fold(String::new(), |mut text, n| {
            let _ = write!(text, "\"{}\": {value},", n + 1);
            text
        })
    };
    for text in [
        format!("{{\"portsAttributes\": {{{}}}}}", entries("{}", 9000)),
        format!("{{\"containerEnv\": {{{}}}}}", entries("\"x\"", 9000)),
        format!("{{\"remoteEnv\": {{{}}}}}", entries("null", 9000)),
        format!("{{\"features\": {{{}}}}}", entries("{}", 9000)),
        format!("{{\"secrets\": {{{}}}}}", entries("{}", 9000)),
        format!("{{\"postStartCommand\": {{{}}}}}", entries("\"x\"", 9000)),
        format!("{{\"customizations\": {{{}}}}}", entries("1", 9000)),
    ] {
        let parsed = timed(&text);
        assert!(parsed.accepted(), "{:?}", parsed.problems.first());
    }
}

#[test]
fn variables_cannot_multiply_a_file_without_end() {
    let long = "x".repeat(100_000);
    let many = "${containerEnv:A}".repeat(10_000);
    let text = format!(
        "{{\"containerEnv\": {{\"A\": \"{long}\", \"B\": \"{many}\", \"C\": \"${{containerEnv:B}}\"}}}}"
    );
    let applied = timed(&text).config.apply(&surroundings());
    let size: usize = applied
        .config
        .env
        .iter()
        .map(|(_, value)| value.len())
        .sum();
    assert!(size < 4 << 20, "{size}");
    let told = applied
        .notices
        .iter()
        .any(|notice| notice.instead.contains("add too much"));
    assert!(told, "{:?}", applied.notices);
}

#[test]
fn deep_nesting_and_too_many_values_are_refused() {
    for (text, expected) in [
        (
            "[".repeat(40) + &"]".repeat(40),
            "nested deeper than 32 levels",
        ),
        (
            "[".repeat(5000),
            "not JSON with comments: nested too deeply",
        ),
        (
            format!("[{}]", "1,".repeat(10_000)),
            "the file has more than 10000 values",
        ),
    ] {
        let parsed = timed(&text);
        assert!(!parsed.accepted());
        assert_eq!(parsed.problems[0].message, expected);
    }
}

#[test]
fn many_problems_are_counted_and_an_error_among_them_still_counts() {
    let mut text = String::from("{");
    for n in 0..1000 {
        let _ = write!(text, "\"unknown{n}\": 1, ");
    }
    text.push_str("\"image\": 5}");
    let parsed = timed(&text);
    assert!(!parsed.accepted());
    let last = parsed.problems.last().unwrap();
    assert_eq!(last.message, "900 more problems are not listed");
}

#[test]
fn problems_and_notices_never_show_control_characters_or_long_texts() {
    let key = format!("\\u001b[31m{}", "long".repeat(1000));
    let text = format!("{{\"{key}\": 1, \"customizations\": {{\"{key}\": 1}}}}");
    let parsed = timed(&text);
    let notices = parsed.config.apply(&surroundings()).notices;
    let shown = [parsed.problems[0].to_string(), notices[0].to_string()];
    for shown in shown {
        assert!(!shown.contains('\u{1b}') && shown.len() < 400, "{shown}");
    }
}

/// Values of every kind.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(String::from("null")),
        Just(String::from("true")),
        (-70_000_i64..70_000).prop_map(|n| n.to_string()),
        "[a-z0-9:=${}./ -]{0,12}".prop_map(|text| format!("\"{text}\"")),
        Just(String::from("\"${containerEnv:PATH}\"")),
        Just(String::from("\"--net=host\"")),
        Just(String::from("\"type=bind,source=/a,target=/b\"")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = "(3000|30-40|vscode|extensions|dockerfile|context|label|target|type|[a-z]{1,4})";
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::vec((key, inner), 0..4).prop_map(|entries| {
                let entries = entries
                    .iter()
                    .map(|(key, value)| format!("\"{key}\": {value},"));
                format!("{{{}}}", entries.collect::<String>())
            }),
        ]
    })
}

const KEYS: &str = "(image|build|dockerFile|context|dockerComposeFile|service|features|overrideFeatureInstallOrder\
    |postCreateCommand|postStartCommand|postAttachCommand|waitFor|forwardPorts|portsAttributes|otherPortsAttributes\
    |appPort|containerEnv|remoteEnv|secrets|remoteUser|workspaceMount|workspaceFolder|mounts|runArgs|init\
    |hostRequirements|customizations|extensions|settings|other)";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        parse(&text, Mode::Strict);
    }

    #[test]
    fn no_mixture_of_json_marks_makes_the_parser_panic(text in "([ \\n:,/*\"'{}\\[\\]\\\\]|image|true|null|-|0|1e9|u00|é|\u{feff}){0,60}") {
        parse(&text, Mode::Strict);
    }

    #[test]
    fn what_is_accepted_is_normal_and_can_be_applied(entries in proptest::collection::vec((KEYS, value()), 0..6)) {
        let entries: Vec<String> = entries.iter().map(|(key, value)| format!("\"{key}\": {value},")).collect();
        let text = format!("{{{}}}", entries.concat());
        let lenient = parse(&text, Mode::Lenient);
        lenient.config.apply(&surroundings());
        // Lenient mode accepts whatever strict mode does, and reads the same from it.
        let strict = parse(&text, Mode::Strict);
        if strict.accepted() {
            prop_assert!(lenient.accepted());
            prop_assert_eq!(&strict.config, &lenient.config);
        }
        // What was read, written down and read again is the same.
        if lenient.accepted() {
            let normal = serde_json::to_value(&lenient.config).unwrap();
            let again = parse(&normal.to_string(), Mode::Lenient);
            prop_assert!(again.accepted(), "{normal}: {:?}", again.problems);
            prop_assert_eq!(serde_json::to_value(&again.config).unwrap(), normal);
        }
    }
}
