use std::path::Path;
use std::process::Command;

use gitpod_core::proto::supervisor::git_service_client::GitServiceClient;
use gitpod_core::proto::supervisor::{GitRepositoryStatus, GitStatusRequest};
use tokio::time::timeout;

use crate::harness::{PATIENCE, Setup, give};

fn git(repo: &Path, args: &[&str]) {
    let identity = [
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b.example",
        "-c",
        "safe.directory=*",
    ];
    let status = Command::new("git")
        .arg("-C")
        .arg(repo)
        .args(identity)
        .args(args)
        .status();
    assert!(status.unwrap().success(), "git {args:?}");
}

#[tokio::test]
async fn changes_are_told_while_somebody_listens() {
    let setup = Setup::new();
    let repo = setup.path("repo");
    git(&repo, &["init", "--quiet", "--initial-branch=trunk"]);
    std::fs::write(repo.join("file"), "1").unwrap();
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "--quiet", "--message=first"]);
    give(&repo);
    let agent = setup.start();
    let mut client = GitServiceClient::new(agent.channel());
    let request = GitStatusRequest { observe: true };
    let mut stream = client.git_status(request).await.unwrap().into_inner();
    let mut until = async |right: fn(&GitRepositoryStatus) -> bool| {
        let wait = async {
            loop {
                let status = stream.message().await.unwrap().unwrap().repository.unwrap();
                if right(&status) {
                    return status;
                }
            }
        };
        timeout(PATIENCE, wait).await.unwrap()
    };
    let first = until(|_| true).await;
    assert_eq!(first.branch, "trunk");
    assert_eq!(first.latest_commit.len(), 40);
    assert_eq!(first.total_unpushed_commits, 1);
    assert!(first.unpushed_commits[0].ends_with(": first"), "{first:?}");

    std::fs::write(repo.join("file"), "22").unwrap();
    std::fs::write(repo.join("new one"), "").unwrap();
    let changed = until(|status| status.total_untracked_files == 1).await;
    assert_eq!(changed.uncommited_files, ["file"]);
    assert_eq!(changed.untracked_files, ["new one"]);
}

#[tokio::test]
async fn no_repository_is_an_answer() {
    let agent = Setup::new().start();
    let mut client = GitServiceClient::new(agent.channel());
    let request = GitStatusRequest { observe: false };
    let mut stream = client.git_status(request).await.unwrap().into_inner();
    assert_eq!(stream.message().await.unwrap().unwrap().repository, None);
    assert_eq!(stream.message().await.unwrap(), None);
}
