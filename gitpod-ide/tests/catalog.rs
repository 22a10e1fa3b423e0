//! The catalogue as a server uses it, with archives and a real npm.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use gitpod_core::{ErrorKind, Retry};
use gitpod_ide::{CatalogConfig, Entry, IdeCatalog, Package, PackagedCatalog};
use sha2::{Digest, Sha512};

/// An operator's editor: an archive and its entry.
fn archive(dir: &Path, id: &str, page: &str) -> Entry {
    let path = dir.join(format!("{id}.tar.gz"));
    let encoder =
        flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    for (name, text) in [("supervisor-ide-config.json", "{}"), ("page.html", page)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        builder
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap();
    let digest = Sha512::digest(fs::read(&path).unwrap());
    let text = format!(
        "sha512-{}",
        base64::engine::general_purpose::STANDARD.encode(digest)
    );
    let integrity = text.parse().unwrap();
    Entry::new(
        id,
        format!("Editor {id}"),
        "1.0",
        Package::Archive { path, integrity },
    )
}

fn catalog(cache: &Path, editors: Vec<Entry>) -> PackagedCatalog {
    let mut config = CatalogConfig::new(cache);
    config.editors = editors;
    config.build().unwrap()
}

fn leftovers(cache: &Path) -> Vec<String> {
    let names = fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.starts_with(".staging") || name.starts_with(".damaged"))
        .collect()
}

#[tokio::test]
async fn the_default_is_the_first_editor_that_is_installed_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let editors = vec![
        archive(dir.path(), "big", "big"),
        archive(dir.path(), "small", "small"),
    ];
    let catalog = catalog(&cache, editors);
    assert!(
        catalog
            .list()
            .await
            .unwrap()
            .iter()
            .all(|ide| !ide.installed)
    );

    let spec = catalog.ensure(None).await.unwrap();
    assert_eq!(spec.id, "small");
    assert!(
        spec.reason.contains("Editor big is not installed"),
        "{}",
        spec.reason
    );
    assert_eq!(
        fs::read_to_string(spec.package.join("page.html")).unwrap(),
        "small"
    );

    let named = catalog.ensure(Some("big")).await.unwrap();
    assert_eq!(named.reason, "you asked for it");
    assert_eq!(catalog.ensure(None).await.unwrap().id, "big");
    assert!(
        catalog
            .list()
            .await
            .unwrap()
            .iter()
            .all(|ide| ide.installed)
    );

    let error = catalog.ensure(Some("emacs")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.hint(), Some("choose one of: big, small"));
}

#[tokio::test]
async fn packages_are_readable_for_every_user_and_writable_for_none_but_the_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let catalog = catalog(
        &dir.path().join("cache"),
        vec![archive(dir.path(), "e", "x")],
    );
    let package = catalog.ensure(Some("e")).await.unwrap().package;
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(package.clone()), 0o755);
    assert_eq!(mode(package.join("page.html")), 0o644);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_in_many_servers_fetch_once() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let entry = archive(dir.path(), "e", "x");
    let fetches = Arc::new(AtomicUsize::new(0));
    let calls = (0..24).map(|_| {
        // A catalogue of its own each time, as if it were a process of its own: only the lock file is shared.
        let catalog = catalog(&cache, vec![entry.clone()]);
        let fetches = Arc::clone(&fetches);
        tokio::spawn(async move {
            let count = |step: &str| {
                if step.starts_with("unpacking") {
                    fetches.fetch_add(1, Ordering::SeqCst);
                }
            };
            catalog.install("e", &count).await.unwrap()
        })
    });
    let packages = futures::future::join_all(calls).await;
    let first = packages[0].as_ref().unwrap();
    assert!(
        packages
            .iter()
            .all(|package| package.as_ref().unwrap() == first)
    );
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    assert!(leftovers(&cache).is_empty());
}

#[tokio::test]
async fn bytes_that_were_not_pinned_are_never_used() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let entry = archive(dir.path(), "e", "good");
    archive(dir.path(), "e", "evil"); // the same file name, other bytes
    let error = catalog(&cache, vec![entry])
        .ensure(Some("e"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.retry(), Retry::Never);
    assert!(leftovers(&cache).is_empty(), "{:?}", leftovers(&cache));
}

#[tokio::test]
async fn a_damaged_package_is_replaced_and_stays_where_it_may_be_mounted() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let entry = archive(dir.path(), "e", "good");
    let before = catalog(&cache, vec![entry.clone()]);
    let package = before.ensure(Some("e")).await.unwrap().package;
    before.verify("e").await.unwrap();
    fs::write(package.join("page.html"), "damage").unwrap();
    let error = before.verify("e").await.unwrap_err();
    assert!(
        error.to_string().contains("page.html was changed"),
        "{error}"
    );

    let after = catalog(&cache, vec![entry]);
    let package = after.ensure(Some("e")).await.unwrap().package;
    assert_eq!(
        fs::read_to_string(package.join("page.html")).unwrap(),
        "good"
    );
    assert_eq!(
        leftovers(&cache).len(),
        1,
        "the damaged one is set aside, not removed"
    );
    after.verify("e").await.unwrap();
}

/// As a disk does it: other bytes, the same size, the same time.
fn rot(file: &Path) {
    let time = fs::metadata(file).unwrap().modified().unwrap();
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, "x".repeat(text.len())).unwrap();
    let file = File::options().write(true).open(file).unwrap();
    file.set_modified(time).unwrap();
}

#[tokio::test]
async fn an_installation_by_hand_repairs_what_only_the_bytes_tell() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let catalog = catalog(&cache, vec![archive(dir.path(), "e", "good")]);
    let package = catalog.ensure(Some("e")).await.unwrap().package;
    rot(&package.join("page.html"));
    let error = catalog.verify("e").await.unwrap_err();
    assert!(
        error.to_string().contains("page.html was changed"),
        "{error}"
    );
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("`gitpod-server editors install e`")),
        "{error:?}"
    );
    let said = std::sync::Mutex::new(String::new());
    let hear = |step: &str| said.lock().unwrap().push_str(step);
    let package = catalog.install("e", &hear).await.unwrap();
    assert!(
        said.lock().unwrap().contains("page.html was changed"),
        "{said:?}"
    );
    let page = fs::read_to_string(package.join("page.html")).unwrap();
    assert_eq!(page, "good");
    catalog.verify("e").await.unwrap();
}

#[tokio::test]
async fn a_failing_npm_is_quoted_and_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let npm = dir.path().join("npm");
    fs::write(
        &npm,
        "#!/bin/sh\necho the registry is on fire >&2\nexit 7\n",
    )
    .unwrap();
    fs::set_permissions(&npm, fs::Permissions::from_mode(0o755)).unwrap();
    let mut config = CatalogConfig::new(dir.path().join("cache"));
    config.npm = npm;
    let error = config
        .clone()
        .build()
        .unwrap()
        .ensure(None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        format!("{error:?}").contains("the registry is on fire"),
        "{error:?}"
    );
    assert!(leftovers(&config.cache_dir).is_empty());

    config.npm = dir.path().join("no-such-npm");
    let catalog = config.build().unwrap();
    let listed = catalog.list().await.unwrap();
    assert!(listed.iter().all(|ide| {
        ide.unavailable
            .as_ref()
            .is_some_and(|why| why.contains("npm"))
    }));
    let error = catalog.ensure(Some("terminal")).await.unwrap_err();
    assert!(
        error.hint().unwrap().contains("apt-get install npm"),
        "{error:?}"
    );
}

/// Needs npm and the registry it is configured for, as `docs/` says of the tests.
#[tokio::test]
async fn the_terminal_comes_from_npm() {
    assert!(
        Command::new("npm")
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success()),
        "this test needs npm (on Debian: apt-get install npm)"
    );
    let dir = tempfile::tempdir().unwrap();
    let catalog = catalog(&dir.path().join("cache"), vec![Entry::terminal()]);
    let spec = catalog.ensure(None).await.unwrap();
    assert_eq!(
        spec.reason,
        "Terminal is the default and installed on this server"
    );
    for file in [
        "page/index.html",
        "page/vendor/xterm.mjs",
        "page/vendor/addon-fit.mjs",
        "page/vendor/xterm.css",
        "licenses/xterm.txt",
    ] {
        assert!(spec.package.join(file).is_file(), "{file}");
    }
    let config = fs::read(spec.package.join("supervisor-ide-config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["entrypoint"], "/.supervisor/supervisor");
    catalog.verify("terminal").await.unwrap();
}
