//! Repositories that mean ill.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use gitpod_content::{ContextResolver, Initializer};

use crate::fixture::{Fixture, Repository, git, names, wanting};

/// Commits a tree made by hand, names that no working tree could have included; `mktree`'s lines, NUL-terminated.
fn commit_tree(repository: &Repository, entries: &[(&str, &str, &str)]) {
    let mut lines = String::new();
    for (mode, content, name) in entries {
        let blob = fed(repository, &["hash-object", "-w", "--stdin"], content);
        write!(lines, "{mode} blob {blob}\t{name}\0").unwrap();
    }
    let tree = fed(repository, &["mktree", "-z"], &lines);
    let commit = repository.git(&["commit-tree", "-m", "hostile", &tree]);
    repository.git(&["update-ref", "refs/heads/main", &commit]);
}

fn fed(repository: &Repository, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("git")
        .current_dir(&repository.0)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn odd_names_come_along_and_are_reported_as_they_are() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let odd = [
        "new\nline",
        "\u{1b}[31mred",
        "-option",
        "quote\"s",
        "Case",
        "case",
        "ü",
        " ",
        "$(id)",
    ];
    let entries: Vec<_> = odd.iter().map(|name| ("100644", "x", *name)).collect();
    commit_tree(&repository, &entries);
    let (volume, report) = fixture.init(repository.source()).await.unwrap();
    assert_eq!(report.warnings, Vec::<String>::new());
    let tree = volume.upper.join("repo");
    assert_eq!(names(&tree).len(), odd.len() + 1);
    for name in odd {
        fs::write(tree.join(name), "changed").unwrap();
    }
    let status = fixture
        .initializers
        .git_status(&volume, "repo")
        .await
        .unwrap()
        .unwrap();
    let mut changed = status.uncommitted_files;
    changed.sort();
    let mut odd = odd;
    odd.sort_unstable();
    assert_eq!(changed, odd);
}

#[tokio::test]
async fn a_name_that_no_disk_can_hold_is_left_out_with_a_warning() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let long = "x".repeat(300);
    commit_tree(
        &repository,
        &[("100644", "fine", "fine"), ("100644", "x", &long)],
    );
    let (volume, report) = fixture.init(repository.source()).await.unwrap();
    assert!(
        report.warnings[0].contains("left out"),
        "{:?}",
        report.warnings
    );
    assert_eq!(
        fs::read_to_string(volume.upper.join("repo/fine")).unwrap(),
        "fine"
    );
}

#[tokio::test]
async fn a_tree_with_a_git_directory_of_its_own_does_not_replace_ours() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    commit_tree(
        &repository,
        &[
            ("100644", "[core]\n\tfsmonitor = id\n", ".GIT"),
            ("100644", "x", "fine"),
        ],
    );
    // Whether git refuses the name or takes it as one of many (this file system tells case apart): ours is a directory.
    if let Ok((volume, _)) = fixture.init(repository.source()).await {
        assert!(volume.upper.join("repo/.git").is_dir());
    }
    let source = repository.git(&["rev-parse", "main"]);
    assert_eq!(source.len(), 40);
}

#[tokio::test]
async fn links_out_of_the_checkout_are_links_and_nothing_is_read_through_them() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    commit_tree(
        &repository,
        &[
            ("120000", "/etc/passwd", ".gitattributes"),
            ("120000", "../../../../../../etc/passwd", "up"),
            ("120000", "/etc/passwd", ".gitmodules-link"),
        ],
    );
    let (volume, _) = fixture.init(repository.source()).await.unwrap();
    let up = volume.upper.join("repo/up");
    assert!(fs::symlink_metadata(&up).unwrap().file_type().is_symlink());
    let options = wanting(&["up", "README.md"]);
    let resolved = fixture
        .resolver
        .resolve(&repository.url(), None, &options)
        .await
        .unwrap();
    // What is stored for a link is where it points, never what is there.
    for file in resolved.files {
        assert!(!String::from_utf8_lossy(&file.content).contains("root:"));
    }
}

#[tokio::test]
async fn a_second_repository_is_not_put_through_a_link_of_the_first() {
    let fixture = Fixture::new().await;
    let outside = fixture.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let first = fixture.repository("first");
    commit_tree(&first, &[("120000", outside.to_str().unwrap(), "sub")]);
    let second = fixture.repository("second");
    fixture.init(first.source()).await.unwrap();
    let mut source = second.source();
    source.checkout_location = "repo/sub/inner".to_owned();
    fixture.init(source).await.unwrap_err();
    assert_eq!(names(&outside), Vec::<String>::new());
}

#[tokio::test]
async fn submodules_cannot_name_programs_or_leave_the_tree() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let inner = fixture.repository("inner");
    let mark = fixture.dir.path().join("mark");
    let commit = inner.git(&["rev-parse", "HEAD"]);
    let modules = format!(
        "[submodule \"../../x\"]\n\tpath = a\n\turl = {url}\n[submodule \"b\"]\n\tpath = b\n\turl = {url}\n\tupdate = !touch {mark}\n\
         [submodule \"c\"]\n\tpath = ../c\n\turl = {url}\n[submodule \"d\"]\n\tpath = d\n\turl = ext::sh -c touch% {mark}\n\
         [submodule \"e\"]\n\tpath = e\n\turl = -u./evil\n",
        url = inner.url(),
        mark = mark.display()
    );
    fs::write(repository.0.join(".gitmodules"), modules).unwrap();
    for path in ["a", "b", "d", "e"] {
        repository.git(&[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("160000,{commit},{path}"),
        ]);
    }
    repository.git(&["add", ".gitmodules"]);
    repository.git(&["commit", "-q", "-m", "modules"]);
    let (volume, report) = fixture.init(repository.source()).await.unwrap();
    assert!(!mark.exists());
    assert!(report.warnings.len() >= 4, "{:?}", report.warnings);
    assert_eq!(names(&volume.upper), ["repo"]);
    assert_eq!(
        git(&volume.upper.join("repo"), &["config", "core.bare"]),
        "false"
    );
}
