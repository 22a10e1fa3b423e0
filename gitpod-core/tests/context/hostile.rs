//! What is refused, and that nothing is let through or breaks the parser.

use std::time::{Duration, Instant};

use gitpod_core::ErrorKind;
use gitpod_core::context::ContextUrl;
use proptest::prelude::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_cannot_be_opened_says_why_and_what_to_do() {
    for (text, kind) in [
        ("", ErrorKind::InvalidInput),
        ("hello", ErrorKind::InvalidInput),
        ("owner/repo", ErrorKind::InvalidInput),
        ("/srv/repo", ErrorKind::InvalidInput),
        ("https://github.com", ErrorKind::InvalidInput),
        ("https://github.com/o", ErrorKind::InvalidInput),
        ("https://dev.azure.com/org", ErrorKind::InvalidInput),
        (
            "https://dev.azure.com/org/proj/_workitems/edit/1",
            ErrorKind::InvalidInput,
        ),
        (
            "https://dev.azure.com/org/proj/_git",
            ErrorKind::InvalidInput,
        ),
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
            "https://github.com/o/r/blob/dev/a%2f..%2f..%2fb",
            ErrorKind::InvalidInput,
        ),
        (
            "https://github.com/o/r/blob/dev/.git/config",
            ErrorKind::InvalidInput,
        ),
        (
            "https://github.com/o/r/blob/dev/a%00b",
            ErrorKind::InvalidInput,
        ),
        (
            "https://dev.azure.com/o/p/_git/r?path=/../x",
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
        (
            "https://github.com/o/r/pull/99999999999999999999",
            ErrorKind::InvalidInput,
        ),
        (
            "https://bb.example/projects/K/repos/r?at=-x",
            ErrorKind::InvalidInput,
        ),
        ("file://otherhost/srv/r", ErrorKind::InvalidInput),
        ("ssh://-oProxyCommand=id/o/r", ErrorKind::InvalidInput),
        ("-oProxyCommand=id:o/r", ErrorKind::InvalidInput),
        ("https://git.example/%ff/r", ErrorKind::InvalidInput),
        ("ext::sh -c id", ErrorKind::InvalidInput),
        ("snapshot/b4f1", ErrorKind::InvalidInput),
        (
            "open-prebuild/1/https://github.com/o/r",
            ErrorKind::InvalidInput,
        ),
        ("open-prebuild/", ErrorKind::InvalidInput),
        ("javascript://x/y", ErrorKind::Unsupported),
        ("ftp://git.example/o/r", ErrorKind::Unsupported),
        ("prebuild/github.com/o/r", ErrorKind::Unsupported),
        (
            "https://github.com/o/r/compare/main...other:dev",
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

#[test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn ten_mebibytes_are_answered_at_once() {
    let start = Instant::now();
    for text in [
        "/".repeat(10 << 20),
        "a=b,".repeat(5 << 19),
        "%2e/".repeat(5 << 19),
    ] {
        let error = format!("github.com/o/r/tree/{text}")
            .parse::<ContextUrl>()
            .unwrap_err();
        assert!(error.to_string().contains("too long"), "{}", error);
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_parser_panic_or_let_an_option_through(text in any::<String>()) {
        let base = [
            "", "https://", "https://github.com/o/r/tree/", "https://gitlab.com/g/r/-/", "https://bitbucket.org/o/r/src/x?at=",
            "https://bb.example/projects/K/repos/r/browse/", "https://dev.azure.com/o/p/_git/r?version=GB", "git@h:",
            "https://codeberg.org/o/r/src/branch/", "open-prebuild/", "https://git.example/o/r#",
        ];
        for base in base {
            let Ok(context) = format!("{base}{text}").parse::<ContextUrl>() else { continue };
            let Ok(found) = context.repository() else { continue };
            for name in found.reference.candidates().unwrap_or_default() {
                prop_assert!(!name.starts_with('-') && !name.contains(char::is_control));
            }
            if let Some(path) = &found.path {
                prop_assert!(!path.starts_with('/') && !path.split('/').any(|word| matches!(word, "" | "." | ".." | ".git")));
            }
            let directory = found.checkout_location();
            prop_assert!(!directory.is_empty() && !directory.contains('/') && !directory.starts_with(['.', '-']));
            prop_assert!(found.clone_url.password().is_none());
            let printed = context.to_string();
            let again = printed.parse::<ContextUrl>();
            prop_assert!(again.as_ref().is_ok_and(|again| *again == context), "{printed}: {again:?} is not {context:?}");
        }
    }
}
