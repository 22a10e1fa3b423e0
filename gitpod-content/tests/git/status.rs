use std::fs;

use gitpod_content::Initializer;
use gitpod_core::content::CloneTarget;
use gitpod_core::git::GitStatus;

use crate::fixture::{Fixture, git};

#[tokio::test]
async fn what_would_be_lost_is_told() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    repository.commit("tracked", "1");
    let (volume, report) = fixture.init(repository.source()).await.unwrap();
    let tree = volume.upper.join("repo");
    let status = async || {
        let status = fixture
            .initializers
            .git_status(&volume, "repo")
            .await
            .unwrap();
        status.unwrap()
    };
    let clean = status().await;
    assert!(clean.is_clean(), "{clean:?}");
    assert_eq!(clean.branch, "main");
    assert_eq!(Some(clean.latest_commit), report.commit);

    fs::write(tree.join("committed"), "x").unwrap();
    git(&tree, &["add", "committed"]);
    git(&tree, &["commit", "-q", "-m", "my: work"]);
    fs::write(tree.join("tracked"), "22").unwrap();
    fs::write(tree.join("staged"), "x").unwrap();
    git(&tree, &["add", "staged"]);
    fs::create_dir(tree.join("new")).unwrap();
    for n in 0..150 {
        fs::write(tree.join(format!("new/{n}\n")), "x").unwrap();
    }
    let dirty = status().await;
    assert_eq!(dirty.uncommitted_files, ["staged", "tracked"]);
    assert_eq!(dirty.untracked_files.len(), 100);
    assert_eq!(dirty.total_untracked_files, 150);
    assert_eq!(dirty.total_unpushed_commits, 1);
    assert!(dirty.unpushed_commits[0].ends_with(": my: work"));
    assert_eq!(fixture.scratch(), 0);
}

#[tokio::test]
async fn commits_of_a_detached_head_count_and_no_commits_are_fine() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let first = repository.git(&["rev-parse", "HEAD"]);
    let source = repository.source().with_target(CloneTarget::Commit(first));
    let (volume, _) = fixture.init(source).await.unwrap();
    let tree = volume.upper.join("repo");
    git(&tree, &["commit", "-q", "--allow-empty", "-m", "lost?"]);
    let status = fixture
        .initializers
        .git_status(&volume, "repo")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (status.branch.as_str(), status.total_unpushed_commits),
        ("", 1)
    );

    let fresh = volume.upper.join("fresh");
    fs::create_dir(&fresh).unwrap();
    git(&fresh, &["init", "-q", "-b", "trunk"]);
    let status = fixture
        .initializers
        .git_status(&volume, "fresh")
        .await
        .unwrap()
        .unwrap();
    let mut expected = GitStatus::default();
    "trunk".clone_into(&mut expected.branch);
    assert_eq!(status, expected);
    assert_eq!(
        fixture
            .initializers
            .git_status(&volume, "none")
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn programs_that_a_repository_configures_do_not_run() {
    let fixture = Fixture::new().await;
    let (volume, _) = fixture
        .init(fixture.repository("r").source())
        .await
        .unwrap();
    let tree = volume.upper.join("repo");
    let mark = fixture.dir.path().join("mark");
    let program = format!("touch {}; cat", mark.display());
    for key in [
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.process",
        "core.pager",
        "diff.external",
        "log.showSignature",
    ] {
        git(&tree, &["config", key, &program]);
    }
    git(&tree, &["config", "--unset", "log.showSignature"]);
    git(&tree, &["config", "filter.evil.required", "true"]);
    fs::write(tree.join(".gitattributes"), "* filter=evil\n").unwrap();
    fs::write(tree.join("README.md"), "HELLO\n").unwrap();
    let status = fixture
        .initializers
        .git_status(&volume, "repo")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(status.uncommitted_files, ["README.md"]);
    assert_eq!(status.untracked_files, [".gitattributes"]);
    assert!(!mark.exists());
}
