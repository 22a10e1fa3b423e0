//! Branch rules.

use std::time::{Duration, Instant};

use gitpod_core::prebuild::{BranchPatterns, BranchRule, Reason};
use proptest::prelude::*;

fn fits(patterns: &str, branch: &str) -> bool {
    let patterns: BranchPatterns = patterns.parse().expect("patterns");
    patterns.match_branch(branch)
}

#[test]
fn patterns_fit_at_the_end_of_a_name() {
    for (patterns, branch, expected) in [
        ("**", "any/thing", true),
        ("*", "any/thing", true),
        ("main", "main", true),
        ("main", "team/main", true),
        ("main", "domain", false),
        ("main", "main/x", false),
        ("feature-*", "feature-1", true),
        ("feature-*", "team/feature-1", true),
        ("feature-*", "feature-1/x", false),
        ("release/*", "release/1", true),
        ("release/*", "release/1/2", false),
        ("release/**", "release/1/2", true),
        ("release/**", "release", false),
        ("**/x", "x", true),
        ("**/x", "a/b/x", true),
        ("a/**/z", "a/z", true),
        ("a/**/z", "a/b/c/z", true),
        ("a/**/z", "a/bz", false),
        ("v?", "v1", true),
        ("v?", "v", false),
        ("v?", "v/1", false),
        ("v?", "vé", true),
        ("a**z", "a/b/z", true),
        ("main, dev , release/*", "dev", true),
        ("main,,dev", "dev", true),
        ("main,dev", "main,dev", false),
        ("a.c", "abc", false),
    ] {
        assert_eq!(fits(patterns, branch), expected, "{patterns} on {branch}");
    }
}

#[test]
fn what_is_no_pattern_says_where() {
    for (text, context) in [
        ("", "patterns: 0"),
        (" , ", "patterns: 0"),
        ("main, rel[0-9]", "column: 7"),
        ("a b", "column: 1"),
        ("{a,b}", "column: 1"),
        ("x\\y", "column: 1"),
    ] {
        let error = text.parse::<BranchPatterns>().unwrap_err();
        assert!(error.to_string().contains(context), "{error}");
        assert!(error.hint().is_some());
    }
    assert!("a,".repeat(33).parse::<BranchPatterns>().is_err());
    assert!("a".repeat(256).parse::<BranchPatterns>().is_err());
}

#[test]
fn rules_say_why() {
    let matched = BranchRule::MatchedBranches("release/*".parse().unwrap());
    for (rule, branch, expected) in [
        (
            &BranchRule::AllBranches,
            Some("x"),
            (true, Reason::AllBranches),
        ),
        (&BranchRule::AllBranches, None, (true, Reason::AllBranches)),
        (
            &BranchRule::DefaultBranch,
            Some("main"),
            (true, Reason::DefaultBranch),
        ),
        (
            &BranchRule::DefaultBranch,
            Some("x"),
            (false, Reason::NotDefaultBranch),
        ),
        (
            &BranchRule::DefaultBranch,
            None,
            (false, Reason::BranchUnknown),
        ),
        (&matched, Some("release/1"), (true, Reason::BranchMatched)),
        (&matched, Some("main"), (false, Reason::BranchUnmatched)),
        (&matched, None, (false, Reason::BranchUnknown)),
    ] {
        assert_eq!(
            rule.admits(branch, Some("main")),
            expected,
            "{rule:?} {branch:?}"
        );
        let json = serde_json::to_string(rule).unwrap();
        assert_eq!(&serde_json::from_str::<BranchRule>(&json).unwrap(), rule);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn no_pattern_and_name_take_long() {
    let pattern = format!("{}z", "**a*".repeat(60));
    let patterns: BranchPatterns = vec![pattern; 32].join(",").parse().unwrap();
    let start = Instant::now();
    assert!(!patterns.match_branch(&"a".repeat(254).replace("aaaa", "aaa/")));
    assert!(!patterns.match_branch(&"a".repeat(10 << 20)));
    assert!("*,".repeat(5 << 20).parse::<BranchPatterns>().is_err());
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

/// The textbook definition, without any cleverness.
fn naive(pattern: &[u8], name: &[u8]) -> bool {
    let rest = |n: usize| &pattern[n..];
    match pattern {
        [] => name.is_empty(),
        [b'*', b'*', ..] => (0..=name.len()).any(|n| naive(rest(2), &name[n..])),
        [b'*', ..] => (0..=name.len())
            .take_while(|n| !name[..*n].contains(&b'/'))
            .any(|n| naive(rest(1), &name[n..])),
        [b'?', ..] => name.first().is_some_and(|c| *c != b'/') && naive(rest(1), &name[1..]),
        [letter, ..] => name.first() == Some(letter) && naive(rest(1), &name[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn patterns_mean_what_the_definition_says(pattern in "[ab/?]{0,3}(\\*\\*?[ab/?]{1,2}){0,3}", name in "[ab/]{0,9}") {
        // `**/` may stand for nothing, which the definition above does not know.
        prop_assume!(!pattern.is_empty() && !pattern.contains("**/"));
        let anywhere = std::iter::once(0).chain(name.match_indices('/').map(|(at, _)| at + 1));
        let expected = anywhere.into_iter().any(|at| naive(pattern.as_bytes(), &name.as_bytes()[at..]));
        prop_assert_eq!(fits(&pattern, &name), expected, "{} on {}", pattern, name);
    }
}
