//! Context URLs: every form, what is refused, and that what is printed parses again.

use gitpod_core::context::{ContextUrl, Reference};
use gitpod_core::{Error, ErrorKind};
use proptest::prelude::*;

fn parse(text: &str) -> ContextUrl {
    text.parse()
        .unwrap_or_else(|error: Error| panic!("{text}: {error:?}"))
}

fn pull(number: u64, head: &str) -> Reference {
    Reference::PullRequest {
        number,
        head: head.to_owned(),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn addresses_in_every_form_name_the_same_kind_of_thing() {
    for (text, clone_url, owner, name) in [
        (
            "https://github.com/o/r",
            "https://github.com/o/r.git",
            "o",
            "r",
        ),
        (
            "https://github.com/o/r.git",
            "https://github.com/o/r.git",
            "o",
            "r",
        ),
        (
            "  #https://github.com/o/r/ ",
            "https://github.com/o/r.git",
            "o",
            "r",
        ),
        ("github.com/o/r", "https://github.com/o/r.git", "o", "r"),
        (
            "GitHub.com/o/r?tab=readme",
            "https://github.com/o/r.git",
            "o",
            "r",
        ),
        (
            "https://user@github.com/o/r",
            "https://github.com/o/r.git",
            "o",
            "r",
        ),
        (
            "git@github.com:o/r.git",
            "ssh://git@github.com/o/r.git",
            "o",
            "r",
        ),
        (
            "ssh://git@host:2222/o/r.git",
            "ssh://git@host:2222/o/r.git",
            "o",
            "r",
        ),
        ("host.example:o/r", "ssh://host.example/o/r", "o", "r"),
        (
            "git://host.example/r.git",
            "git://host.example/r.git",
            "",
            "r",
        ),
        (
            "https://gitlab.com/g/sub/r",
            "https://gitlab.com/g/sub/r.git",
            "g/sub",
            "r",
        ),
        (
            "https://git.example/a/b/c/d",
            "https://git.example/a/b/c/d",
            "a/b/c",
            "d",
        ),
        (
            "http://127.0.0.1:4000/r.git",
            "http://127.0.0.1:4000/r.git",
            "",
            "r",
        ),
        ("localhost:4000/o/r", "http://localhost:4000/o/r", "o", "r"),
        ("http://[::1]:4000/o/r", "http://[::1]:4000/o/r", "o", "r"),
        ("file:///srv/git/r.git", "file:///srv/git/r.git", "", "r"),
        (
            "file:///srv/tree/main/r",
            "file:///srv/tree/main/r",
            "",
            "r",
        ),
        (
            "https://1.2.3.4/gitlab/g/r/-/tree/x",
            "https://1.2.3.4/gitlab/g/r",
            "gitlab/g",
            "r",
        ),
    ] {
        let context = parse(text);
        assert_eq!(context.clone_url.as_str(), clone_url, "{text}");
        assert_eq!(
            (context.owner.as_str(), context.name.as_str()),
            (owner, name),
            "{text}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn pages_of_the_platforms_say_which_state_is_meant() {
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let named = |name: &str| Reference::Named(name.to_owned());
    let with_path = |name: &str| Reference::NamedWithPath(name.to_owned());
    let commit = || Reference::Commit(sha.to_owned());
    for (text, reference) in [
        ("https://github.com/o/r", Reference::Head),
        ("https://github.com/o/r/actions", Reference::Head),
        ("https://github.com/o/r#dev", named("dev")),
        ("https://github.com/o/r/tree/dev", named("dev")),
        (
            "https://github.com/o/r/tree/feature/a%20b/c",
            with_path("feature"),
        ),
        (
            "https://github.com/o/r/blob/dev/src/main.rs#L10",
            with_path("dev/src/main.rs"),
        ),
        (&format!("https://github.com/o/r/tree/{sha}/src"), commit()),
        (
            &format!("https://github.com/o/r/commit/{}", sha.to_uppercase()),
            commit(),
        ),
        (
            "https://github.com/o/r/releases/tag/v1.0",
            Reference::Tag("v1.0".to_owned()),
        ),
        (
            "https://github.com/o/r/pull/7/files",
            pull(7, "refs/pull/7/head"),
        ),
        ("https://github.com/o/r/issues/12", Reference::Issue(12)),
        ("https://gitlab.com/g/s/r/-/tree/dev", named("dev")),
        ("https://gitlab.com/g/r/tree/dev", named("dev")),
        (
            "https://gitlab.com/g/r/-/merge_requests/3",
            pull(3, "refs/merge-requests/3/head"),
        ),
        (&format!("https://gitlab.com/g/r/-/commit/{sha}"), commit()),
        (
            "https://gitlab.com/g/r/-/tags/v1",
            Reference::Tag("v1".to_owned()),
        ),
        (
            "https://bitbucket.org/o/r/src/dev/README.md",
            with_path("dev/README.md"),
        ),
        (
            "https://bitbucket.org/o/r/branch/a/b",
            Reference::Branch("a/b".to_owned()),
        ),
        (
            "https://bitbucket.org/o/r/commits/tag/v1",
            Reference::Tag("v1".to_owned()),
        ),
        (
            "https://bitbucket.org/o/r/commits/branch/dev",
            Reference::Branch("dev".to_owned()),
        ),
        (
            "https://codeberg.org/o/r/src/branch/dev/lib",
            with_path("dev/lib"),
        ),
        (
            "https://codeberg.org/o/r/pulls/9",
            pull(9, "refs/pull/9/head"),
        ),
        (
            &format!("https://codeberg.org/o/r/src/commit/{sha}/a"),
            commit(),
        ),
        ("https://git.example/o/r/src/branch/dev", named("dev")),
        ("https://git.example/o/r/tree/dev", named("dev")),
        ("http://127.0.0.1:4000/r.git/tree/a/b", with_path("a/b")),
        ("file:///srv/r.git#a/b", named("a/b")),
        ("git@host:o/r.git#v1", named("v1")),
    ] {
        assert_eq!(parse(text).reference, reference, "{text}");
    }
}

#[test]
fn names_with_slashes_are_offered_longest_first_and_not_without_end() {
    let deep = parse("https://github.com/o/r/tree/a/b/c/d/e/f/g/h/i/j");
    let candidates = deep.reference.candidates();
    assert_eq!(candidates.len(), 8);
    assert_eq!(
        candidates.first().map(String::as_str),
        Some("a/b/c/d/e/f/g/h")
    );
    assert_eq!(candidates.last().map(String::as_str), Some("a"));
    assert!(
        parse("https://github.com/o/r")
            .reference
            .candidates()
            .is_empty()
    );
}

#[test]
fn titles_and_directories_are_fit_to_be_shown_and_used() {
    assert_eq!(
        parse("https://github.com/o/r/tree/dev").title(),
        "o/r @ dev"
    );
    assert_eq!(parse("https://github.com/o/r/pull/7").title(), "o/r #7");
    assert_eq!(parse("file:///srv/r.git").title(), "r");
    for (text, directory) in [
        ("https://git.example/o/my.repo_1", "my.repo_1"),
        ("https://git.example/o/.hidden", "hidden"),
        ("https://git.example/o/-rf", "rf"),
        ("https://git.example/o/a%20%24(id)", "a---id-"),
        ("https://git.example/o/%E2%9C%93", "repository"),
    ] {
        assert_eq!(parse(text).checkout_location(), directory, "{text}");
    }
}

#[test]
fn prefixes_are_taken_off_and_dangerous_variables_left_out() {
    let context = parse("A=1,B_2=x%2Dy/https://github.com/o/r");
    let env = [("A", "1"), ("B_2", "x-y")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(context.env, env);
    let denied = "PATH,LD_PRELOAD,GIT_SSH_COMMAND,NODE_OPTIONS,BASH_ENV,PS1,MY_HOME,GITPOD_X,path";
    for name in denied.split(',') {
        let context = parse(&format!("{name}=x,OK=1/github.com/o/r"));
        assert_eq!(context.env, [("OK".to_owned(), "1".to_owned())], "{name}");
        assert_eq!(context.warnings.len(), 1, "{name}");
    }
    let context = parse("A=$(id),B=%0A/github.com/o/r");
    assert!(
        context.env.is_empty() && context.warnings.len() == 2,
        "{context:?}"
    );

    assert!(parse("imagebuild/github.com/o/r").build_image);
    let referrer = parse("referrer:jetbrains-gateway:goland/github.com/o/r")
        .referrer
        .unwrap();
    assert_eq!(referrer.name, "jetbrains-gateway");
    assert_eq!(referrer.editor.as_deref(), Some("goland"));
    // Only one prefix is taken, as in the original.
    assert!(
        "imagebuild/A=1/github.com/o/r"
            .parse::<ContextUrl>()
            .is_err()
    );
}

#[test]
fn what_cannot_be_opened_says_why_and_what_to_do() {
    for (text, kind) in [
        ("", ErrorKind::InvalidInput),
        ("hello", ErrorKind::InvalidInput),
        ("owner/repo", ErrorKind::InvalidInput),
        ("/srv/repo", ErrorKind::InvalidInput),
        ("https://github.com", ErrorKind::InvalidInput),
        ("https://github.com/o", ErrorKind::InvalidInput),
        ("https://git.example/", ErrorKind::InvalidInput),
        ("https://git.example/.git", ErrorKind::InvalidInput),
        ("https://", ErrorKind::InvalidInput),
        ("https://github.com/o/r x", ErrorKind::InvalidInput),
        ("https://github.com/o\n/r", ErrorKind::InvalidInput),
        (
            "https://git.example/o/%2e%2e%2fx/..%2f",
            ErrorKind::InvalidInput,
        ),
        (
            "https://git.example/o/r#-upload-pack",
            ErrorKind::InvalidInput,
        ),
        ("https://git.example/o/r#a..b", ErrorKind::InvalidInput),
        ("https://github.com/o/r/tree/-x", ErrorKind::InvalidInput),
        (
            "https://github.com/o/r/commit/nothex",
            ErrorKind::InvalidInput,
        ),
        ("https://github.com/o/r/pull/abc", ErrorKind::InvalidInput),
        ("file://otherhost/srv/r", ErrorKind::InvalidInput),
        ("ssh://-oProxyCommand=id/o/r", ErrorKind::InvalidInput),
        ("-oProxyCommand=id:o/r", ErrorKind::InvalidInput),
        ("https://git.example/%ff/r", ErrorKind::InvalidInput),
        ("ext::sh -c id", ErrorKind::InvalidInput),
        ("javascript://x/y", ErrorKind::Unsupported),
        ("ftp://git.example/o/r", ErrorKind::Unsupported),
        ("snapshot/b4f1", ErrorKind::Unsupported),
        (
            "open-prebuild/1/https://github.com/o/r",
            ErrorKind::Unsupported,
        ),
        (
            "https://bitbucket.org/o/r/pull-requests/1",
            ErrorKind::Unsupported,
        ),
    ] {
        let error = text.parse::<ContextUrl>().expect_err(text);
        assert_eq!(error.kind(), kind, "{text}: {error:?}");
        assert!(error.hint().is_some(), "{text} has no hint");
    }
}

#[test]
fn passwords_are_refused_and_never_shown() {
    for text in [
        "https://user:hunter2@github.com/o/r",
        "https://:hunter2@github.com/o/r",
        "ssh://git:hunter2@host/o/r",
        "https://user:hunter2@",
        "user:hunter2@github.com/o/r",
    ] {
        let error = text.parse::<ContextUrl>().unwrap_err();
        assert!(
            !format!("{error:?}").contains("hunter2"),
            "{text}: {error:?}"
        );
    }
}

fn prefix() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(String::from("imagebuild/")),
        "referrer:[a-z-]{1,8}(:[a-z]{1,8})?/",
        "[A-FX-Z][0-9]{1,3}=[a-z0-9_.?=-]{0,8}(,[A-FX-Z][0-9]{1,3}=[a-z0-9_.?=-]{0,8}){0,2}/",
    ]
}

fn address() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        Just("github.com"),
        Just("gitlab.com"),
        Just("bitbucket.org"),
        Just("codeberg.org"),
        Just("git.example"),
        Just("127.0.0.1:4000"),
    ];
    let scheme = prop_oneof![
        Just("https://"),
        Just("http://"),
        Just("ssh://git@"),
        Just("")
    ];
    let page = prop_oneof![
        Just(String::new()),
        "/tree/[a-z][a-z0-9/%20._-]{0,20}",
        "/-/merge_requests/[0-9]{1,5}",
        "/src/(branch/)?[a-z]{1,5}(/[a-z.]{1,5}){0,3}",
        "/commit/[0-9a-f]{7,40}",
        "#[a-z][a-z0-9._-]{0,12}(/[a-z0-9]{1,5}){0,2}",
        "\\?[a-z]=[a-z]#[a-z]{1,4}",
    ];
    (
        scheme,
        host,
        "/[A-Za-z0-9._~-]{1,8}/[A-Za-z0-9._~%24-]{1,10}(\\.git)?/?",
        page,
    )
        .prop_map(|(scheme, host, path, page)| format!("{scheme}{host}{path}{page}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_printed_parses_to_the_same(prefix in prefix(), address in address()) {
        if let Ok(context) = format!("{prefix}{address}").parse::<ContextUrl>() {
            let printed = context.to_string();
            let again: ContextUrl = printed.parse().map_err(|e| TestCaseError::fail(format!("{printed}: {e:?}")))?;
            prop_assert_eq!(again, context);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic_or_let_an_option_through(text in any::<String>()) {
        for text in [text.clone(), format!("https://{text}"), format!("https://github.com/o/r/tree/{text}"), format!("git@h:{text}")] {
            if let Ok(context) = text.parse::<ContextUrl>() {
                for name in context.reference.candidates() {
                    prop_assert!(!name.starts_with('-') && !name.contains(char::is_control));
                }
                let directory = context.checkout_location();
                prop_assert!(!directory.is_empty() && !directory.contains('/') && !directory.starts_with(['.', '-']));
                prop_assert!(context.clone_url.password().is_none());
            }
        }
    }
}
