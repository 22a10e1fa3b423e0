//! `parse(print(c)) = c`, for every platform and every thing that it has pages about.

use gitpod_core::context::ContextUrl;
use proptest::prelude::*;

fn prefix() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(String::from("imagebuild/")),
        "referrer:[a-z-]{1,8}(:[a-z]{1,8})?/",
        "open-prebuild/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}/",
        // Some of these are refused, and left out with a warning.
        "[A-Z]{1,4}[0-9]{0,2}=[a-z0-9_.?=$-]{0,8}(,[A-Z]{1,4}[0-9]{0,2}=[a-z0-9_.?=-]{0,8}){0,2}/",
    ]
}

fn repository() -> impl Strategy<Value = String> {
    let word = "[A-Za-z0-9_~][A-Za-z0-9._~-]{0,6}(%20|%24|%C3%A9)?[a-z0-9]{0,3}";
    prop_oneof![
        (
            prop_oneof![
                Just("https://github.com/"),
                Just("http://github.com/"),
                Just("https://gitlab.com/"),
                Just("https://gitlab.com/g/"),
                Just("https://bitbucket.org/"),
                Just("https://codeberg.org/"),
                Just("https://git.example/"),
                Just("127.0.0.1:4000/x/"),
                Just("https://bb.example/scm/"),
                Just("https://dev.azure.com/"),
                Just("https://dev.azure.com/o/"),
                Just("ssh://git@github.com/"),
                Just("git@git.example:"),
                Just("https://org.visualstudio.com/"),
                Just("file:///srv/"),
                Just(""),
            ],
            word,
            word,
            prop_oneof![Just(""), Just(".git"), Just("/")],
        )
            .prop_map(|(base, owner, name, end)| format!("{base}{owner}/{name}{end}")),
        (word, word)
            .prop_map(|(owner, name)| format!("https://bb.example/projects/{owner}/repos/{name}")),
        (word, word)
            .prop_map(|(owner, name)| format!("https://bb.example/x/users/{owner}/repos/{name}")),
        (word, word)
            .prop_map(|(owner, name)| format!("https://dev.azure.com/org/{owner}/_git/{name}")),
        (word, word).prop_map(|(owner, name)| format!("https://tfs.example/{owner}/p/_git/{name}")),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn page() -> impl Strategy<Value = String> {
    let name = "(HEAD|branch|tag|refs/heads/x|GBx|[a-z0-9][a-z0-9._%+-]{0,8}|[0-9a-f]{7,40}|[0-9a-f]{40})(/[a-z0-9%C3%A9._ -]{1,6}){0,3}";
    let name = name.prop_map(|name| name.replace(' ', "%20"));
    let place = prop_oneof![
        Just("/tree/"),
        Just("/blob/"),
        Just("/commits/"),
        Just("/commit/"),
        Just("/tree/refs/heads/"),
        Just("/blob/refs/tags/"),
        Just("/-/tree/"),
        Just("/-/blob/"),
        Just("/-/tags/"),
        Just("/-/commit/"),
        Just("/-/releases/"),
        Just("/releases/tag/"),
        Just("/src/"),
        Just("/raw/"),
        Just("/src/branch/"),
        Just("/raw/tag/"),
        Just("/src/commit/"),
        Just("/commits/branch/"),
        Just("/branch/"),
        Just("/commits/tag/"),
        Just("/browse/"),
        Just("/compare/"),
        Just("/-/compare/a..."),
        Just("/compare/a..."),
        Just("/branches/compare/"),
        Just("/compare/commits?sourceBranch="),
        Just("/browse?at="),
        Just("/browse/a/b?at=refs/heads/"),
        Just("?at=refs/tags/"),
        Just("/commits?until="),
        Just("?version=GB"),
        Just("?path=/a&version=GT"),
        Just("?version=GC"),
        Just("?path=/"),
        Just("?version="),
        Just("/src/x/y?at="),
        Just("/branchCompare?targetVersion=GB"),
        Just("/branchCompare?baseVersion=GBa&targetVersion=GB"),
        Just("#"),
        Just("#refs/heads/"),
        Just("#refs/tags/"),
        Just("/"),
    ];
    let query = prop_oneof![
        Just(""),
        Just("?ref_type=heads"),
        Just("?ref_type=tags"),
        Just("#L1")
    ];
    let number = prop_oneof![
        Just("/pull/"),
        Just("/pulls/"),
        Just("/pull-requests/"),
        Just("/-/merge_requests/"),
        Just("/merge_requests/"),
        Just("/pullrequest/"),
        Just("/issues/"),
        Just("/-/issues/"),
        Just("/-/work_items/"),
    ];
    prop_oneof![
        1 => Just(String::new()),
        2 => (number, 0..100_000_u32, "(/files)?").prop_map(|(page, number, end)| format!("{page}{number}{end}")),
        8 => (place, name, query).prop_map(|(page, name, query)| format!("{page}{name}{query}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_is_printed_parses_to_the_same(prefix in prefix(), repository in repository(), page in page()) {
        let text = format!("{prefix}{repository}{page}");
        if let Ok(context) = text.parse::<ContextUrl>() {
            let printed = context.to_string();
            let again: ContextUrl = printed.parse().map_err(|e| TestCaseError::fail(format!("{text}: {printed}: {e:?}")))?;
            prop_assert_eq!(&again, &context, "{} printed as {}", text, printed);
            prop_assert!(again.warnings.is_empty(), "{} warns again", printed);
        }
    }
}

/// The property above holds for what parses; this says that enough of it does.
#[test]
fn the_canonical_form_is_the_platforms_own() {
    for (text, printed) in [
        ("git@github.com:o/r.git", "ssh://git@github.com/o/r.git"),
        ("github.com/o/r.git", "https://github.com/o/r"),
        (
            "github.com/o/r/blob/dev/a%20b#L1",
            "https://github.com/o/r/blob/dev/a%20b",
        ),
        ("github.com/o/r#a/b", "https://github.com/o/r#a/b"),
        (
            "github.com/o/r/pull/7/files?w=1",
            "https://github.com/o/r/pull/7",
        ),
        (
            "gitlab.com/g/r/merge_requests/7",
            "https://gitlab.com/g/r/-/merge_requests/7",
        ),
        (
            "bitbucket.org/o/r/src/x/y?at=dev",
            "https://bitbucket.org/o/r/src/HEAD/y?at=dev",
        ),
        (
            "https://bb.example/scm/K/r.git#refs/heads/a/b",
            "https://bb.example/projects/K/repos/r/browse?at=refs%2Fheads%2Fa%2Fb",
        ),
        (
            "https://bb.example/projects/K/repos/r/browse",
            "https://bb.example/scm/K/r.git",
        ),
        (
            "https://dev.azure.com/o/p?version=GBdev&_a=history&path=/a",
            "https://dev.azure.com/o/p/_git/p?path=%2Fa&version=GBdev",
        ),
        (
            "codeberg.org/o/r/raw/tag/v1/a",
            "https://codeberg.org/o/r/src/tag/v1/a",
        ),
        ("git.example/o/r/-/pipelines/4", "https://git.example/o/r"),
    ] {
        assert_eq!(
            text.parse::<ContextUrl>().unwrap().to_string(),
            printed,
            "{text}"
        );
    }
}
