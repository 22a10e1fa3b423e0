//! Hostile files: rejected soon, with a problem, without a panic.
//!
//! How long each may take is measured around [`parse`] alone, in this process, with the machine as busy as it is: one second in
//! a release build (`cargo test --release -p gitpod-core --test gitpod_yml hostile`), more in a debug build.

use std::fmt::Write as _;
use std::time::Duration;

use gitpod_core::gitpod_yml::{MAX_BYTES, Mode, Parsed, parse};
use proptest::prelude::*;

/// Long enough to tell a quadratic parser from a linear one; as long as any file can be in a release build.
const LONG: usize = if cfg!(debug_assertions) {
    MAX_BYTES / 4
} else {
    MAX_BYTES
};
/// Far more than any file takes on a busy machine, far less than a quadratic parser would.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });

fn timed(text: &str) -> Parsed {
    #[expect(clippy::disallowed_methods, reason = "measures the parser itself")]
    let start = std::time::Instant::now();
    let parsed = parse(text, Mode::Lenient);
    let took = start.elapsed();
    assert!(
        took < PATIENCE,
        "{took:?} for {} bytes: {:?}",
        text.len(),
        &text[..20]
    );
    parsed
}

#[test]
fn long_files_are_refused_without_being_read() {
    let parsed = timed(&"a: b\n".repeat(2 * MAX_BYTES)); // 10 MiB
    assert_eq!(parsed.problems.len(), 1);
    assert!(
        parsed.problems[0]
            .message
            .contains("longer than 1048576 bytes"),
        "{:?}",
        parsed.problems
    );
}

#[test]
fn long_texts_are_read_soon() {
    let fill = |unit: &str| unit.repeat(LONG / unit.len());
    let mut keys = String::new();
    while keys.len() < LONG {
        let _ = writeln!(keys, "k{}: v", keys.len());
    }
    for text in [
        fill("["),
        fill("{a: "),
        fill("- "),
        fill("? "),
        fill("\""),
        fill("'"),
        fill("&a "),
        fill("*a "),
        fill("!!str "),
        fill("<<: *a\n"),
        fill("|\n"),
        fill("\\"),
        fill("\r"),
        fill("\t"),
        fill("..."),
        fill("%x\n"),
        format!("x: |\n{}", fill("  a\n\n")),
        format!("x: >+\n{}", fill("  \n")),
        format!("x: \"{}", fill("\\u00e9")),
        format!("x: '{}", fill("a\n ")),
        format!("x: a{}", fill("\n b")),
        format!("[{}", fill("&a a, *a,")),
        format!("[&a {}, {}]", fill("x"), "*a,".repeat(1000)),
        format!("{{{}", fill("a, ")),
        fill("#"),
        fill("\n"),
        fill("  "),
        fill("a: b\n"),
        fill("- - - -\n"),
        format!("tasks: [{}]", fill("{},")),
        format!("tasks: [{}]", fill("x,")),
        format!("image: {}", fill("x")),
        format!("{}: x", fill("k")),
        format!("tasks:\n{}", fill("- init: make\n")),
        format!("ports: [{}]", fill("{port: x},")),
        keys,
    ] {
        timed(&text);
    }
}

#[test]
fn aliases_cannot_multiply_without_end() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let item = format!("*a{}, ", level - 1);
        let _ = writeln!(text, "a{level}: &a{level} [{}]", item.repeat(10));
    }
    let parsed = timed(&text);
    assert!(!parsed.accepted(), "{:?}", parsed.problems);
    let recursive = timed("tasks: &a\n  - *a\n");
    assert!(!recursive.accepted(), "{:?}", recursive.problems);
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        "[".repeat(200),
        format!("{}x", "- ".repeat(200)),
        "{a: ".repeat(200),
    ] {
        let parsed = timed(&text);
        assert!(!parsed.accepted(), "{:?}", parsed.problems);
    }
}

#[test]
fn many_problems_are_counted_and_an_error_among_them_still_counts() {
    let mut text = String::new();
    for n in 0..1000 {
        let _ = writeln!(text, "unknown{n}: x");
    }
    text.push_str("tasks: 5\n");
    let parsed = timed(&text);
    assert!(!parsed.accepted());
    assert!(parsed.problems.len() < 150, "{}", parsed.problems.len());
    assert!(
        parsed
            .problems
            .iter()
            .any(|p| p.message.contains("900 more problems")),
        "{:?}",
        parsed.problems.last()
    );
}

#[test]
fn problems_never_show_control_characters_or_long_texts() {
    let parsed = timed(&format!("\"\\x1b[31m{}\": 1\n", "long".repeat(1000)));
    let shown = parsed.problems[0].to_string();
    assert!(!shown.contains('\u{1b}') && shown.len() < 400, "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        parse(&text, Mode::Strict);
    }

    #[test]
    fn no_mixture_of_yaml_marks_makes_the_parser_panic(text in "([ \\n:#&*!|>'\"%@`{}\\[\\],?-]|tasks|port|image|<<|~|é|0){0,60}") {
        let strict = parse(&text, Mode::Strict);
        let lenient = parse(&text, Mode::Lenient);
        // Lenient mode accepts whatever strict mode does, and reads the same from it.
        if strict.accepted() {
            prop_assert!(lenient.accepted());
            prop_assert_eq!(strict.config, lenient.config);
        }
    }
}
