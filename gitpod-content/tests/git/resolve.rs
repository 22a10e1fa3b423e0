use gitpod_content::{ContextResolver, RepositoryFile};
use gitpod_core::ErrorKind;
use gitpod_core::content::CloneTarget;
use url::Url;

use crate::fixture::{Fixture, git, wanting};
use crate::server::Server;

#[tokio::test]
async fn head_is_the_default_branch_and_files_are_read_at_it() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    repository.commit(".gitpod.yml", "tasks: []\n");
    let commit = repository.commit("dir/x", "binary\0\n\n");
    std::fs::write(repository.0.join(".gitpod.yml"), "uncommitted").unwrap();
    let options = wanting(&[".gitpod.yml", "dir/x", "dir", "none"]);
    let resolved = fixture
        .resolver
        .resolve(&repository.url(), None, &options)
        .await
        .unwrap();
    assert_eq!(resolved.target, CloneTarget::Branch("main".to_owned()));
    assert_eq!(resolved.default_branch.as_deref(), Some("main"));
    assert_eq!(resolved.revision, Some(commit));
    let file = |path: &str, content: &[u8]| RepositoryFile {
        path: path.to_owned(),
        content: content.to_vec(),
    };
    assert_eq!(
        resolved.files,
        [
            file(".gitpod.yml", b"tasks: []\n"),
            file("dir/x", b"binary\0\n\n")
        ]
    );
    assert_eq!(fixture.scratch(), 0);
}

#[tokio::test]
async fn names_are_told_apart() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let first = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["tag", "-a", "-m", "x", "v1"]);
    repository.git(&["checkout", "-q", "-b", "feature/login"]);
    let second = repository.commit(".gitpod.yml", "ports: []\n");
    repository.git(&["checkout", "-q", "main"]);
    let url = repository.url();
    for (name, target, revision) in [
        (
            "feature/login",
            CloneTarget::Branch("feature/login".to_owned()),
            &second,
        ),
        ("v1", CloneTarget::Tag("v1".to_owned()), &first),
        (
            "refs/heads/main",
            CloneTarget::Branch("main".to_owned()),
            &first,
        ),
        ("refs/tags/v1", CloneTarget::Tag("v1".to_owned()), &first),
        (&second, CloneTarget::Commit(second.clone()), &second),
    ] {
        let options = wanting(&[".gitpod.yml"]);
        let resolved = fixture
            .resolver
            .resolve(&url, Some(name), &options)
            .await
            .unwrap();
        assert_eq!(resolved.target, target);
        assert_eq!(resolved.revision.as_ref(), Some(revision));
        assert_eq!(resolved.default_branch.as_deref(), Some("main"), "{name}");
        assert_eq!(
            resolved.files.len(),
            usize::from(revision == &second),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_missing_name_comes_with_the_nearest_one() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    repository.git(&["branch", "feature/login"]);
    let resolve = async |name: &'static str| {
        let error = fixture
            .resolver
            .resolve(&repository.url(), Some(name), &wanting(&[]))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        error.hint().unwrap().to_owned()
    };
    assert_eq!(resolve("feature/logn").await, "did you mean feature/login?");
    assert!(resolve("0123abc").await.contains("full hash"));
    assert!(
        resolve("something-else")
            .await
            .contains("feature/login, main")
    );
}

#[tokio::test]
async fn a_missing_commit_is_missing() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let nowhere = "0123456789012345678901234567890123456789";
    let options = wanting(&[".gitpod.yml"]);
    let error = fixture
        .resolver
        .resolve(&repository.url(), Some(nowhere), &options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}

#[tokio::test]
async fn an_empty_repository_has_nothing_to_resolve() {
    let fixture = Fixture::new().await;
    git(fixture.dir.path(), &["init", "-q", "--bare", "empty.git"]);
    let url = Url::from_file_path(fixture.dir.path().join("empty.git")).unwrap();
    let options = wanting(&[".gitpod.yml"]);
    let resolved = fixture
        .resolver
        .resolve(&url, None, &options)
        .await
        .unwrap();
    assert_eq!(resolved.target, CloneTarget::RemoteHead);
    assert_eq!((resolved.revision, resolved.files), (None, Vec::new()));
    let error = fixture
        .resolver
        .resolve(&url, Some("main"), &options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.hint().unwrap().contains("no branches yet"));
}

#[tokio::test]
async fn a_linked_worktree_is_a_repository_too() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let commit = repository.commit(".gitpod.yml", "image: x\n");
    let linked = fixture.dir.path().join("linked");
    repository.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "side",
        linked.to_str().unwrap(),
    ]);
    let url = Url::from_file_path(&linked).unwrap();
    let options = wanting(&[".gitpod.yml"]);
    let resolved = fixture
        .resolver
        .resolve(&url, None, &options)
        .await
        .unwrap();
    assert_eq!(resolved.revision, Some(commit));
    assert_eq!(resolved.files.len(), 1);
}

#[tokio::test]
async fn other_files_tell_about_a_repository_without_those_asked_for() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    repository.commit("app.csproj", "<Project/>");
    repository.commit("src/main.rs", "fn main() {}");
    repository.commit("Makefile", &"#".repeat((1 << 20) + 1));
    let server = Server::start(fixture.dir.path()).await;
    let mut options = wanting(&[".gitpod.yml", ".devcontainer/*/devcontainer.json"]);
    let owned = |paths: &[&str]| paths.iter().map(|&path| path.to_owned()).collect();
    options.otherwise.directories = owned(&["", "src", "none"]);
    options.otherwise.files = owned(&["Makefile", "*.csproj", "none"]);
    for url in [repository.url(), server.url("r/.git")] {
        let resolved = fixture.resolver.resolve(&url, None, &options).await;
        let resolved = resolved.unwrap();
        let brought: Vec<&str> = resolved.files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(
            brought,
            ["app.csproj"],
            "{url}: what is too long is left out"
        );
        for path in ["Makefile", "app.csproj", "src/main.rs"] {
            assert!(resolved.listing.contains(&path.to_owned()), "{resolved:?}");
        }
    }
    for place in ["web", "api"] {
        repository.commit(&format!(".devcontainer/{place}/devcontainer.json"), "{}");
    }
    for url in [repository.url(), server.url("r/.git")] {
        let resolved = fixture.resolver.resolve(&url, None, &options).await;
        let resolved = resolved.unwrap();
        let brought: Vec<&str> = resolved.files.iter().map(|f| f.path.as_str()).collect();
        let places = ["api", "web"].map(|name| format!(".devcontainer/{name}/devcontainer.json"));
        assert_eq!(brought, places, "{url}");
        assert!(resolved.listing.is_empty());
    }
    assert_eq!(fixture.scratch(), 0);
}
