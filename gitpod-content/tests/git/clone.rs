use std::fs;
use std::os::unix::fs::MetadataExt;

use gitpod_content::{Initializer, Volumes};
use gitpod_core::ErrorKind;
use gitpod_core::content::{CloneTarget, ContentSource, GitSource};
use url::Url;

use crate::fixture::{Fixture, git, local, names};

#[tokio::test]
async fn a_branch_is_checked_out_and_tracked() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    repository.git(&["checkout", "-q", "-b", "feature/x"]);
    let commit = repository.commit("x", "1");
    let source = repository
        .source()
        .with_target(CloneTarget::Branch("feature/x".to_owned()));
    let (volume, report) = fixture.init(source).await.unwrap();
    let tree = volume.upper.join("repo");
    assert_eq!(report.kind, "git");
    assert_eq!(report.commit.as_deref(), Some(commit.as_str()));
    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(
        git(&tree, &["status", "-sb"]),
        "## feature/x...origin/feature/x"
    );
    assert_eq!(
        git(&tree, &["remote", "get-url", "origin"]),
        repository.url().as_str()
    );
    assert_eq!(names(&volume.upper), ["repo"]);
    assert_eq!(fixture.scratch(), 0);
}

#[tokio::test]
async fn every_file_belongs_to_the_workspaces_user() {
    let fixture = Fixture::new().await;
    let mut source = fixture.repository("r").source();
    source.checkout_location = "a/b".to_owned();
    let (volume, _) = fixture.init(source).await.unwrap();
    if rustix::process::geteuid().is_root() {
        for path in ["", "a", "a/b", "a/b/README.md", "a/b/.git/HEAD"] {
            let meta = fs::symlink_metadata(volume.upper.join(path)).unwrap();
            assert_eq!((meta.uid(), meta.gid()), (33333, 33333), "{path}");
        }
    }
}

#[tokio::test]
async fn a_tag_is_not_a_branch_of_the_same_name() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let tagged = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["tag", "-a", "-m", "one", "same"]);
    repository.git(&["checkout", "-q", "-b", "same"]);
    let branch = repository.commit("later", "x");
    assert_ne!(tagged, branch);
    let source = repository
        .source()
        .with_target(CloneTarget::Tag("same".to_owned()));
    let (volume, report) = fixture.init(source).await.unwrap();
    assert_eq!(report.commit, Some(tagged.clone()));
    let tree = volume.upper.join("repo");
    assert_eq!(
        fs::read_to_string(tree.join(".git/HEAD")).unwrap().trim(),
        tagged
    );
    assert!(!tree.join("later").exists());
}

#[tokio::test]
async fn a_commit_is_found_on_a_branch_and_beside_all_branches() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let first = repository.git(&["rev-parse", "HEAD"]);
    let stray = repository.commit("stray", "x");
    repository.git(&["reset", "-q", "--hard", &first]);
    let last = repository.commit("last", "x");
    for commit in [first, stray, last] {
        let source = repository
            .source()
            .with_target(CloneTarget::Commit(commit.clone()));
        let (volume, report) = fixture.init(source).await.unwrap();
        assert_eq!(report.commit, Some(commit));
        fixture.volumes.remove(&volume.workspace).await.unwrap();
    }
}

#[tokio::test]
async fn a_local_branch_starts_at_the_remotes_head() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let source = repository
        .source()
        .with_target(CloneTarget::LocalBranch("ada/fix-it-7".to_owned()));
    let (volume, report) = fixture.init(source).await.unwrap();
    assert_eq!(
        report.commit.unwrap(),
        repository.git(&["rev-parse", "main"])
    );
    assert_eq!(
        git(&volume.upper.join("repo"), &["status", "-sb"]),
        "## ada/fix-it-7"
    );
}

#[tokio::test]
async fn an_empty_repository_is_an_empty_clone() {
    let fixture = Fixture::new().await;
    let path = fixture.dir.path().join("empty.git");
    git(
        fixture.dir.path(),
        &["init", "-q", "--bare", "-b", "trunk", "empty.git"],
    );
    let url = Url::from_file_path(&path).unwrap();
    let (volume, report) = fixture.init(GitSource::new(url, "repo")).await.unwrap();
    assert_eq!(report.commit, None);
    let tree = volume.upper.join("repo");
    assert_eq!(git(&tree, &["symbolic-ref", "HEAD"]), "refs/heads/trunk");
}

#[tokio::test]
async fn hooks_do_not_run_at_first_and_do_later() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    // The one way a repository can bring hooks along: a submodule-like template is not in reach, so plant one by config.
    let mut source = repository.source();
    let hooks = fixture.dir.path().join("hooks");
    fs::create_dir(&hooks).unwrap();
    source.config = vec![("core.hooksPath".to_owned(), hooks.display().to_string())];
    let (volume, report) = fixture.init(source).await.unwrap();
    assert!(report.warnings[0].contains("core.hooksPath"));
    let tree = volume.upper.join("repo");
    let hook = tree.join(".git/hooks/post-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\ntouch ran\n").unwrap();
    std::os::unix::fs::chown(&hook, None, None).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&hook, mode).unwrap();
    git(&tree, &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(tree.join("ran").exists());
}

#[tokio::test]
async fn extra_configuration_stays_in_the_clone() {
    let fixture = Fixture::new().await;
    let mut source = fixture.repository("r").source();
    source.config = vec![
        ("user.name".to_owned(), "Ada Lovelace".to_owned()),
        ("alias.st".to_owned(), "!touch /tmp/owned".to_owned()),
    ];
    let (volume, report) = fixture.init(source).await.unwrap();
    let config = fs::read_to_string(volume.upper.join("repo/.git/config")).unwrap();
    assert!(config.contains("Ada Lovelace") && !config.contains("owned"));
    assert!(report.warnings[0].contains("alias.st"));
}

#[tokio::test]
async fn a_failed_clone_leaves_the_volume_empty_and_says_why() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let missing = repository
        .source()
        .with_target(CloneTarget::Branch("nope".to_owned()));
    let error = fixture.init(missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    assert!(error.to_string().contains("nope"), "{error}");
    assert!(error.hint().is_some());
    assert_eq!(names(&fixture.volume().await.upper), Vec::<String>::new());

    let none = Url::from_file_path(fixture.dir.path().join("none")).unwrap();
    let error = fixture
        .init(GitSource::new(none, "repo"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}

#[tokio::test]
async fn the_second_part_that_fails_takes_the_first_with_it() {
    let fixture = Fixture::new().await;
    let first = fixture.repository("a").source();
    let mut second = fixture.repository("b").source();
    second.checkout_location = "other".to_owned();
    let whole = |second: GitSource| {
        ContentSource::Composite(vec![
            ContentSource::Git(Box::new(first.clone())),
            ContentSource::Empty,
            ContentSource::Git(Box::new(second)),
        ])
    };
    let volume = fixture.volume().await;
    let broken = whole(
        second
            .clone()
            .with_target(CloneTarget::Branch("no".to_owned())),
    );
    fixture
        .initializers
        .init(&volume, &broken, &local())
        .await
        .unwrap_err();
    assert_eq!(names(&volume.upper), Vec::<String>::new());
    let report = fixture
        .initializers
        .init(&volume, &whole(second), &local())
        .await
        .unwrap();
    assert_eq!(report.kind, "composite");
    assert_eq!(names(&volume.upper), ["other", "repo"]);
}

#[tokio::test]
async fn an_interrupted_clone_is_made_anew_and_a_complete_one_is_kept() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let volume = fixture.volume().await;
    fs::create_dir_all(volume.upper.join(".gitpod-init/tree/.git")).unwrap();
    fs::write(volume.upper.join(".gitpod-init/tree/half"), "x").unwrap();
    let (_, report) = fixture.init(repository.source()).await.unwrap();
    assert_eq!(names(&volume.upper), ["repo"]);
    fs::write(volume.upper.join("repo/mine"), "x").unwrap();
    let (_, again) = fixture.init(repository.source()).await.unwrap();
    assert_eq!(again.commit, report.commit);
    assert!(volume.upper.join("repo/mine").exists());
}

#[tokio::test]
async fn an_initialised_volume_is_never_touched() {
    let fixture = Fixture::new().await;
    let volume = fixture.volume().await;
    fs::write(volume.upper.join("mine"), "x").unwrap();
    fixture
        .volumes
        .mark_initialized(&volume.workspace)
        .await
        .unwrap();
    let none = Url::from_file_path(fixture.dir.path().join("none")).unwrap();
    let (volume, report) = fixture.init(GitSource::new(none, "repo")).await.unwrap();
    assert_eq!(report.kind, "existing");
    assert_eq!(names(&volume.upper), ["mine"]);
}

#[tokio::test]
async fn submodules_come_along_and_a_missing_one_is_a_warning() {
    let fixture = Fixture::new().await;
    let (inner, middle, outer) = (
        fixture.repository("inner"),
        fixture.repository("middle"),
        fixture.repository("outer"),
    );
    middle.git(&["submodule", "--quiet", "add", "../inner", "deep"]);
    middle.commit("m", "1");
    outer.git(&[
        "submodule",
        "--quiet",
        "add",
        middle.url().as_str(),
        "lib/middle",
    ]);
    let gone = fixture.repository("gone");
    outer.git(&["submodule", "--quiet", "add", gone.url().as_str(), "gone"]);
    outer.commit("o", "1");
    fs::remove_dir_all(&gone.0).unwrap();
    let (volume, report) = fixture.init(outer.source()).await.unwrap();
    let deep = volume.upper.join("repo/lib/middle/deep/README.md");
    assert_eq!(
        fs::read_to_string(deep).unwrap(),
        "hello\n",
        "{:?}",
        report.warnings
    );
    assert_eq!(report.warnings.len(), 1);
    assert!(
        report.warnings[0].contains("`gone`"),
        "{:?}",
        report.warnings
    );
    drop(inner);
}

#[tokio::test]
async fn the_upstream_of_a_fork_is_there() {
    let fixture = Fixture::new().await;
    let (origin, upstream) = (fixture.repository("fork"), fixture.repository("up"));
    upstream.commit("new", "x");
    let mut source = origin.source();
    source.upstream = Some(upstream.url());
    let (volume, report) = fixture.init(source).await.unwrap();
    assert_eq!(report.warnings, Vec::<String>::new());
    let tree = volume.upper.join("repo");
    assert_eq!(
        git(&tree, &["rev-parse", "upstream/main"]),
        upstream.git(&["rev-parse", "main"])
    );
}

#[tokio::test]
async fn options_in_disguise_are_refused_before_git_runs() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    for target in [
        CloneTarget::Branch("--upload-pack=touch /tmp/owned".to_owned()),
        CloneTarget::Tag("-x".to_owned()),
        CloneTarget::LocalBranch("a b".to_owned()),
        CloneTarget::Commit("HEAD".to_owned()),
    ] {
        let error = fixture
            .init(repository.source().with_target(target))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    for location in ["../x", "/x", "", "a/../../x"] {
        let source = GitSource::new(repository.url(), location);
        let error = fixture.init(source).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{location}");
    }
}
