//! Names with slashes, and what a lookup makes of them.

use gitpod_core::ErrorKind;
use gitpod_core::context::{RefKind, Reference, issue_branch};

use super::repository;

#[test]
fn names_with_slashes_are_offered_longest_first_and_not_without_end() {
    let deep = repository("https://github.com/o/r/tree/a/b/c/d/e/f/g/h/i/j");
    let candidates = deep.reference.candidates().unwrap();
    assert_eq!(candidates.len(), 8);
    assert_eq!(candidates[0], "a/b/c/d/e/f/g/h");
    assert_eq!(candidates[7], "a");
    let blank = repository("https://github.com/o/r/tree/feature/a%20b/c");
    assert_eq!(blank.reference.candidates().unwrap(), ["feature"]);
    let head = repository("https://github.com/o/r");
    assert!(head.reference.candidates().unwrap().is_empty());
}

#[test]
fn a_lookup_says_where_the_name_ends() {
    let remote = |name: &str| match name {
        "main" | "a" | "a/b" => Some(RefKind::Branch),
        "v1" | "dev/x" => Some(RefKind::Tag),
        "abcdef0" => Some(RefKind::Commit),
        _ => None,
    };
    let branch = |name: &str| Reference::Branch(name.to_owned());
    for (page, reference, path) in [
        ("tree/main", branch("main"), None),
        ("blob/main/src/lib.rs", branch("main"), Some("src/lib.rs")),
        ("tree/a/b/c", branch("a/b"), Some("c")),
        ("tree/a/x%20y/c", branch("a"), Some("x y/c")),
        ("tree/v1/x", Reference::Tag("v1".to_owned()), Some("x")),
        (
            "tree/abcdef0/x",
            Reference::Commit("abcdef0".to_owned()),
            Some("x"),
        ),
        // A tag is not what the page says.
        ("tree/refs/heads/a/b", branch("a/b"), None),
    ] {
        let found = repository(&format!("https://github.com/o/r/{page}"))
            .resolve(remote)
            .unwrap();
        assert_eq!(
            (&found.reference, found.path.as_deref()),
            (&reference, path),
            "{page}"
        );
    }
    let error = repository("https://codeberg.org/o/r/src/branch/dev/x")
        .resolve(remote)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("dev/x or dev"), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn the_whole_hash_of_an_abbreviated_commit_leaves_the_path() {
    let hash = "abcdef0123456789abcdef0123456789abcdef01";
    let page = repository("https://github.com/o/r/blob/ABCDEF0/src/a.rs");
    let found = page.settled(hash, RefKind::Commit);
    assert_eq!(found.reference, Reference::Commit(hash.to_owned()));
    assert_eq!(found.path.as_deref(), Some("src/a.rs"));
    assert_eq!(found.title(), "o/r @ abcdef012345 (src/a.rs)");
}

#[test]
fn what_is_certain_is_not_asked_about() {
    for page in [
        "",
        "/pull/7",
        "/issues/7",
        "/commit/abcdef0",
        "/releases/tag/v1",
        "/blob/HEAD/a",
    ] {
        let page = repository(&format!("https://github.com/o/r{page}"));
        let found = page.resolve(|name| panic!("asked about {name}")).unwrap();
        assert_eq!(found, page);
    }
}

#[test]
fn pull_requests_that_git_cannot_reach_say_so_instead_of_opening_something_else() {
    let page = repository("https://bitbucket.org/o/r/pull-requests/1");
    let error = page.reference.candidates().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.hint().unwrap().contains("branch"));
}

#[test]
fn branches_for_issues_are_short_and_plain() {
    for (user, title, branch) in [
        ("ada", "Fix the login", "ada/fix-the-login-7"),
        (
            "ada",
            "A title that is much longer than it has to be",
            "ada/a-title-that-is-much-7",
        ),
        (
            "Ada Lovelace",
            "../../etc/passwd; rm -rf /",
            "ada-lovelace/etc-passwd-rm-rf-7",
        ),
        ("ada", "✓✓✓", "ada/issue-7"),
        ("", "Fix", "fix-7"),
    ] {
        assert_eq!(issue_branch(user, title, 7), branch);
    }
    let issue = repository("https://github.com/o/r/issues/12");
    assert_eq!(issue.reference.local_branch().as_deref(), Some("issue-12"));
}
