//! Which state of a repository a page is about.

use gitpod_core::context::Reference;

use super::repository;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

fn named(name: &str) -> Reference {
    Reference::Named(name.to_owned())
}

fn with_path(text: &str) -> Reference {
    Reference::NamedWithPath(text.to_owned())
}

fn branch(name: &str) -> Reference {
    Reference::Branch(name.to_owned())
}

fn branch_with_path(text: &str) -> Reference {
    Reference::BranchWithPath(text.to_owned())
}

fn tag(name: &str) -> Reference {
    Reference::Tag(name.to_owned())
}

fn commit() -> Reference {
    Reference::Commit(SHA.to_owned())
}

fn pull(number: u64, head: &str) -> Reference {
    let head = Some(head.to_owned());
    Reference::PullRequest { number, head }
}

fn compare(base: &str, head: &str) -> Reference {
    Reference::Compare {
        base: Some(base.to_owned()),
        head: head.to_owned(),
    }
}

/// Address below `base` (`SHA` stands for a hash), what it is about, the path if that is certain.
#[track_caller]
fn assert_pages(base: &str, table: &[(&str, Reference, Option<&str>)]) {
    for (page, reference, path) in table {
        let text = format!("{base}{}", page.replace("SHA", SHA));
        let found = repository(&text);
        assert_eq!(
            (&found.reference, found.path.as_deref()),
            (reference, *path),
            "{text}"
        );
    }
}

#[test]
fn pages_of_github() {
    assert_pages(
        "https://github.com/o/r",
        &[
            ("", Reference::Head, None),
            ("/actions", Reference::Head, None),
            ("#dev", named("dev"), None),
            ("/tree", Reference::Head, None),
            ("/tree/dev", named("dev"), None),
            ("/tree/feature%2Flogin", with_path("feature/login"), None),
            ("/tree/feature/a%20b/c", with_path("feature/a b/c"), None),
            (
                "/blob/dev/src/main.rs#L10",
                with_path("dev/src/main.rs"),
                None,
            ),
            ("/blob/HEAD/README.md", Reference::Head, Some("README.md")),
            ("/tree/refs/heads/dev", branch("dev"), None),
            ("/blob/refs/heads/a/b", branch_with_path("a/b"), None),
            ("/tree/refs/tags/v1", tag("v1"), None),
            ("/tree/SHA/src", commit(), Some("src")),
            ("/commits/dev", named("dev"), None),
            ("/commit/SHA", commit(), None),
            (
                "/commit/ABCDEF0",
                Reference::Commit("abcdef0".to_owned()),
                None,
            ),
            ("/releases/tag/v1.0", tag("v1.0"), None),
            ("/releases/tag/rel/1", tag("rel/1"), None),
            ("/pull/7/files", pull(7, "refs/pull/7/head"), None),
            ("/issues/12", Reference::Issue(12), None),
            (
                "/compare/main...feature/x",
                compare("main", "feature/x"),
                None,
            ),
            ("/compare/v1..v2", compare("v1", "v2"), None),
            (
                "/compare/dev",
                Reference::Compare {
                    base: None,
                    head: "dev".to_owned(),
                },
                None,
            ),
        ],
    );
}

#[test]
fn pages_of_gitlab() {
    assert_pages(
        "https://gitlab.com/g/s/r",
        &[
            ("/-/tree/dev", named("dev"), None),
            ("/tree/dev", named("dev"), None),
            ("/-/blob/a/b", with_path("a/b"), None),
            ("/-/tree/dev?ref_type=heads", branch("dev"), None),
            ("/-/blob/a/b?ref_type=heads", branch_with_path("a/b"), None),
            ("/-/tree/v1?ref_type=tags", tag("v1"), None),
            (
                "/-/merge_requests/3/diffs",
                pull(3, "refs/merge-requests/3/head"),
                None,
            ),
            (
                "/merge_requests/3",
                pull(3, "refs/merge-requests/3/head"),
                None,
            ),
            ("/-/commit/SHA", commit(), None),
            ("/-/commits/dev", named("dev"), None),
            ("/-/tags/v1", tag("v1"), None),
            ("/-/releases/v1", tag("v1"), None),
            ("/-/issues/4", Reference::Issue(4), None),
            ("/-/work_items/4", Reference::Issue(4), None),
            ("/-/compare/a...b", compare("a", "b"), None),
            ("/-/pipelines", Reference::Head, None),
        ],
    );
}

#[test]
fn pages_of_bitbucket_cloud() {
    assert_pages(
        "https://bitbucket.org/o/r",
        &[
            ("/src/dev/README.md", with_path("dev/README.md"), None),
            ("/src/dev", named("dev"), None),
            (
                "/src/SHA/a/b?at=feature%2Fx",
                named("feature/x"),
                Some("a/b"),
            ),
            ("/src/SHA/a", commit(), Some("a")),
            ("/branch/a/b", branch("a/b"), None),
            ("/commits/SHA", commit(), None),
            ("/commits/tag/v1", tag("v1"), None),
            ("/commits/branch/dev", branch("dev"), None),
            (
                "/pull-requests/5/diff",
                Reference::PullRequest {
                    number: 5,
                    head: None,
                },
                None,
            ),
            ("/issues/6/title", Reference::Issue(6), None),
            ("/branches/compare/x..main", compare("main", "x"), None),
            ("/branches/compare/x%0Dmain", compare("main", "x"), None),
        ],
    );
}

#[test]
fn pages_of_bitbucket_server() {
    assert_pages(
        "https://bb.example/projects/KEY/repos/r",
        &[
            ("/browse", Reference::Head, None),
            (
                "/browse/src/a?at=refs%2Fheads%2Fa%2Fb",
                branch("a/b"),
                Some("src/a"),
            ),
            ("/browse?at=refs%2Ftags%2Fv1", tag("v1"), None),
            ("/browse?at=dev", named("dev"), None),
            ("?at=SHA", commit(), None),
            ("/commits?until=refs%2Fheads%2Fdev", branch("dev"), None),
            ("/commits/SHA", commit(), None),
            (
                "/pull-requests/8/overview",
                pull(8, "refs/pull-requests/8/from"),
                None,
            ),
            (
                "/compare/commits?targetBranch=refs%2Fheads%2Fmain&sourceBranch=refs%2Fheads%2Fx",
                compare("main", "x"),
                None,
            ),
        ],
    );
}

#[test]
fn pages_of_azure_devops() {
    assert_pages(
        "https://dev.azure.com/org/proj/_git/r",
        &[
            ("", Reference::Head, None),
            ("?path=/src/main.rs", Reference::Head, Some("src/main.rs")),
            (
                "?version=GBfeature/x&path=/src&_a=contents",
                branch("feature/x"),
                Some("src"),
            ),
            ("?version=GTv1", tag("v1"), None),
            ("?version=GCSHA", commit(), None),
            ("/commits?itemVersion=GBdev", branch("dev"), None),
            ("/commit/SHA?refName=x", commit(), None),
            (
                "/pullrequest/9?_a=files",
                pull(9, "refs/pull/9/merge"),
                None,
            ),
            (
                "/branchCompare?baseVersion=GBmain&targetVersion=GBx",
                compare("main", "x"),
                None,
            ),
        ],
    );
}

#[test]
fn pages_of_gitea_and_forgejo() {
    assert_pages(
        "https://codeberg.org/o/r",
        &[
            ("/src/branch/dev", branch("dev"), None),
            ("/src/branch/dev/lib", branch_with_path("dev/lib"), None),
            ("/src/tag/v1", tag("v1"), None),
            ("/src/commit/SHA/a", commit(), Some("a")),
            ("/raw/branch/dev/a", branch_with_path("dev/a"), None),
            ("/src/dev", named("dev"), None),
            ("/commit/SHA", commit(), None),
            ("/commits/branch/a/b", branch("a/b"), None),
            ("/commits/commit/SHA", commit(), None),
            ("/releases/tag/v1", tag("v1"), None),
            ("/pulls/9/files", pull(9, "refs/pull/9/head"), None),
            ("/issues/3", Reference::Issue(3), None),
            ("/compare/main...dev", compare("main", "dev"), None),
        ],
    );
}

#[test]
fn behind_a_hash_sign_stands_a_name_on_any_server() {
    for base in [
        "file:///srv/r.git",
        "git@host:o/r.git",
        "https://git.example/o/r",
        "github.com/o/r",
    ] {
        assert_pages(
            base,
            &[
                ("#a/b", named("a/b"), None),
                ("#HEAD", Reference::Head, None),
                ("#refs/heads/a/b", branch("a/b"), None),
                ("#refs/tags/v1", tag("v1"), None),
                ("#SHA", commit(), None),
                ("#caf%C3%A9", named("café"), None),
            ],
        );
    }
}
