//! What goes wrong with remotes: each ends with a reason a person can act on.

use gitpod_content::{ContextResolver, InitContext, Initializer, ResolveOptions};
use gitpod_core::content::{ContentSource, GitSource};
use gitpod_core::{Error, ErrorKind};
use tokio::net::TcpListener;
use url::Url;

use crate::fixture::{Fixture, Repository, names, wanting};
use crate::server::Server;

#[tokio::test]
async fn a_repository_behind_http_is_resolved_read_and_cloned() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    repository.commit("large", &"x".repeat(100_000));
    let commit = repository.commit(".gitpod.yml", "tasks: []\n");
    let server = Server::start(fixture.dir.path()).await;
    let url = server.url("r/.git");
    for reference in [None, Some("main"), Some(commit.as_str())] {
        let options = wanting(&[".gitpod.yml", "none"]);
        let resolved = fixture
            .resolver
            .resolve(&url, reference, &options)
            .await
            .unwrap();
        assert_eq!(resolved.revision.as_ref(), Some(&commit));
        assert_eq!(resolved.files.len(), 1);
        assert_eq!(resolved.files[0].content, b"tasks: []\n");
    }
    let (_, report) = fixture.init(GitSource::new(url, "repo")).await.unwrap();
    assert_eq!(report.commit, Some(commit));
    assert_eq!(fixture.scratch(), 0);
}

#[tokio::test]
async fn each_trouble_has_its_kind_and_a_hint() {
    let fixture = Fixture::new().await;
    fixture.repository("r");
    let server = Server::start(fixture.dir.path()).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let unreachable = format!("http://{}/r", closed.local_addr().unwrap());
    drop(closed);
    let nobody = fixture.dir.path().join("nobody");
    for (url, kind) in [
        (server.url("private/r"), ErrorKind::PermissionDenied),
        (server.url("none/.git"), ErrorKind::NotFound),
        (server.url("broken/r"), ErrorKind::Unavailable),
        (Url::parse(&unreachable).unwrap(), ErrorKind::Unavailable),
        (
            Url::parse("https://no-such-host.invalid/r").unwrap(),
            ErrorKind::Unavailable,
        ),
        (Url::from_file_path(nobody).unwrap(), ErrorKind::NotFound),
    ] {
        let resolved = fixture
            .resolver
            .resolve(&url, None, &wanting(&[]))
            .await
            .unwrap_err();
        assert_eq!(resolved.kind(), kind, "{resolved:?}");
        assert!(
            resolved.hint().is_some() && resolved.to_string().contains(url.as_str()),
            "{resolved:?}"
        );
        let made = fixture.init(GitSource::new(url, "repo")).await.unwrap_err();
        assert_eq!(made.kind(), kind, "{made:?}");
        assert!(made.hint().is_some());
        assert_eq!(names(&fixture.volume().await.upper), Vec::<String>::new());
    }
    assert_eq!(fixture.scratch(), 0);
}

/// What the error says about the repository itself.
fn unusable(error: &Error) -> Option<&str> {
    error
        .context()
        .find_map(|(key, value)| (key == "repository").then_some(value))
}

#[tokio::test]
async fn a_page_is_no_repository_and_an_empty_repository_is_one() {
    let fixture = Fixture::new().await;
    let server = Server::start(fixture.dir.path()).await;
    for path in ["page/r", "line/r"] {
        let error = fixture
            .resolver
            .resolve(&server.url(path), None, &wanting(&[]))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
        assert_eq!(unusable(&error), Some("none"));
        assert!(error.to_string().contains("no git repository"), "{error}");
        assert!(error.hint().unwrap().contains("cloning"));
    }
    let empty = fixture.dir.path().join("empty.git");
    std::fs::create_dir(&empty).unwrap();
    crate::fixture::git(&empty, &["init", "-q", "--bare"]);
    let resolved = fixture
        .resolver
        .resolve(&server.url("empty.git"), None, &wanting(&[]))
        .await
        .unwrap();
    assert_eq!(resolved.revision, None);
    assert_eq!(fixture.scratch(), 0);
}

#[tokio::test]
async fn a_damaged_repository_is_called_so_and_nothing_is_left() {
    let fixture = Fixture::new().await;
    let object = |repository: &Repository, revision: &str| {
        let id = repository.git(&["rev-parse", revision]);
        let (shard, rest) = id.split_at(2);
        let object = repository.0.join(".git/objects").join(shard).join(rest);
        std::fs::remove_file(&object).unwrap();
        object
    };
    let garbage = fixture.repository("garbage");
    std::fs::write(object(&garbage, "HEAD:README.md"), "garbage").unwrap();
    let empty = fixture.repository("empty");
    std::fs::write(object(&empty, "HEAD^{tree}"), "").unwrap();
    let missing = fixture.repository("missing");
    object(&missing, "HEAD:README.md");
    let headless = fixture.repository("headless");
    object(&headless, "HEAD");
    let packed = fixture.repository("packed");
    packed.git(&["repack", "-adq"]);
    let packs = packed.0.join(".git/objects/pack");
    let name = names(&packs).into_iter().find(|name| {
        std::path::Path::new(name)
            .extension()
            .is_some_and(|end| end == "pack")
    });
    let pack = packs.join(name.unwrap());
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, "PACK").unwrap();

    let server = Server::start(fixture.dir.path()).await;
    for repository in [&garbage, &empty, &missing, &headless, &packed] {
        let name = repository.0.file_name().unwrap().to_string_lossy();
        for url in [repository.url(), server.url(&format!("{name}/.git"))] {
            let error = fixture
                .init(GitSource::new(url, "repo"))
                .await
                .map(drop)
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::FailedPrecondition, "{error:?}");
            assert_eq!(unusable(&error), Some("damaged"), "{error:?}");
            assert!(error.to_string().contains("damaged"), "{error}");
            assert!(error.hint().unwrap().contains("git fsck"));
            assert_eq!(names(&fixture.volume().await.upper), Vec::<String>::new());
        }
    }
    assert_eq!(fixture.scratch(), 0);
}

#[tokio::test]
async fn strangers_do_not_reach_this_machine() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository("r");
    let server = Server::start(fixture.dir.path()).await;
    let volume = fixture.volume().await;
    for url in [server.url("r/.git"), repository.url()] {
        let options = ResolveOptions::default();
        let error = fixture
            .resolver
            .resolve(&url, None, &options)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let source = ContentSource::Git(Box::new(GitSource::new(url, "repo")));
        let error = fixture
            .initializers
            .init(&volume, &source, &InitContext::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let fixture = Fixture::with(|config| config.query_timeout_seconds = 1).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/r", silent.local_addr().unwrap())).unwrap();
    let error = fixture
        .resolver
        .resolve(&url, None, &wanting(&[]))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error:?}");
    assert_eq!(fixture.scratch(), 0);
}
