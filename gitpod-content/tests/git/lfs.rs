use std::fs;

use crate::fixture::{Fixture, git};

/// Debian's `git-lfs` package; without it the clone has pointers and says so, which is what is checked then.
#[tokio::test]
async fn large_files_come_along_where_git_can() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let has_lfs = std::process::Command::new("git")
        .args(["lfs", "version"])
        .output()
        .unwrap()
        .status
        .success();
    if has_lfs {
        repository.git(&["lfs", "install", "--local"]);
    }
    repository.commit(
        ".gitattributes",
        "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    );
    repository.commit("large.bin", "large content\n");
    let (volume, report) = fixture.init(repository.source()).await.unwrap();
    let tree = volume.upper.join("repo");
    let content = fs::read_to_string(tree.join("large.bin")).unwrap();
    assert_eq!(content, "large content\n", "{:?}", report.warnings);
    if has_lfs {
        assert_eq!(report.warnings, Vec::<String>::new());
        assert!(
            tree.join(".git/hooks/pre-push").exists(),
            "a later push would leave large files behind"
        );
        assert_eq!(git(&tree, &["status", "--porcelain"]), "");
    } else {
        assert!(report.warnings[0].contains("LFS"), "{:?}", report.warnings);
    }
}
