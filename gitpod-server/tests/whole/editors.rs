//! Editors that never answer, and such that answer no more: archives of the catalogue whose programs misbehave.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitpod_ide::{Entry, Package};
use gitpod_server::config::Config;
use sha2::{Digest as _, Sha512};

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

/// Says something and listens nowhere.
const MUTE: &str = "echo mute: warming up; exec sleep 1000";
/// Ends at once.
const QUITTER: &str = "echo quitter: no licence found >&2; exit 3";
/// Answers, and always with a server error.
const BROKEN: &str = r#"echo broken: cannot read my settings; exec perl -MIO::Socket::INET -e '
    $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], ReuseAddr => 1) or die $@;
    while ($c = $s->accept) { while (<$c>) { last if /^\r?$/ } print $c "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"; close $c }' "$1""#;

/// Answers, and dies within a second while there is a file `poison` in the workspace.
const MORTAL: &str = r#"echo mortal: I feel well; exec perl -MIO::Socket::INET -e '
    $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], ReuseAddr => 1) or die $@;
    $| = 1; $SIG{ALRM} = sub { if (-e "poison") { print "mortal: my heart\n"; kill "KILL", $$ } alarm 1 }; alarm 1;
    while (1) { $c = $s->accept or next; while (<$c>) { last if /^\r?$/ }
        print $c "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nalive"; close $c }' "$1""#;

/// A catalogue entry whose program is this shell script; it gets the port as its argument.
fn entry(directory: &Path, id: &str, script: &str) -> Entry {
    let package = directory.join(id);
    std::fs::create_dir(&package).unwrap();
    let program = package.join("start");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let config = serde_json::json!({
        "name": id,
        "displayName": id,
        "version": "1",
        "entrypoint": "/ide/start",
        "entrypointArgs": ["{IDEPORT}"],
        "readinessProbe": { "type": "http" },
    });
    std::fs::write(
        package.join("supervisor-ide-config.json"),
        config.to_string(),
    )
    .unwrap();
    let archive = directory.join(format!("{id}.tar.gz"));
    let status = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(&package)
        .args(["supervisor-ide-config.json", "start"])
        .status()
        .unwrap();
    assert!(status.success());
    let hash = STANDARD.encode(Sha512::digest(std::fs::read(&archive).unwrap()));
    let integrity = format!("sha512-{hash}").parse().unwrap();
    Entry::new(
        id,
        id,
        "1",
        Package::Archive {
            path: archive,
            integrity,
        },
    )
}

/// Three that misbehave, and the terminal.
fn installation(directory: &Path) -> Installation {
    let mut config = Config::default();
    config.editors.catalog = vec![
        Entry::terminal(),
        entry(directory, "mute", MUTE),
        entry(directory, "quitter", QUITTER),
        entry(directory, "broken", BROKEN),
    ];
    config.policy.editor = Duration::from_secs(4);
    Installation::with(&config)
}

pub(crate) fn one_that_never_answers_ends_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let installation = installation(directory.path());
    let id = installation.create(&Repository::with(&[("a", "b")]).url());
    installation.exec(&id, &["sh", "-c", "echo precious > mine.txt"]);
    for (editor, why, last) in [
        ("mute", "nothing listens on port 23000", "mute: warming up"),
        (
            "quitter",
            "ended with exit code 3",
            "quitter: no licence found",
        ),
        (
            "broken",
            "it answers with status 500",
            "broken: cannot read my settings",
        ),
    ] {
        let stopped = installation.gitpod(&["workspace", "stop", &id]);
        assert!(stopped.status.success(), "{}", show(&stopped));
        let output = installation.gitpod(&["workspace", "start", &id, "--editor", editor]);
        assert!(!output.status.success(), "{editor}: {}", show(&output));
        let status = installation.status(&id);
        let told = status["conditions"]["failed"].as_str().unwrap_or_default();
        assert!(
            told.contains(editor) && told.contains(why) && told.contains(last),
            "{editor}: {status:#}"
        );
        assert_eq!(status["failureCode"], "editor_not_ready");
        let hint = status["failureHint"].as_str().unwrap_or_default();
        assert!(
            hint.contains("files are kept") && hint.contains("--editor terminal"),
            "{hint}"
        );
        assert_eq!(installation.phase(&id), "PHASE_STOPPED", "{editor}");
        let page = installation.page(&format!("/start/{id}"));
        assert!(page.contains(last), "{page}");
    }
    let output = installation.gitpod(&["workspace", "start", &id, "--editor", "terminal"]);
    assert!(output.status.success(), "{}", show(&output));
    assert_eq!(installation.exec(&id, &["cat", "mine.txt"]), "precious\n");
    // What runs keeps its editor.
    let output = installation.gitpod(&["workspace", "start", &id, "--editor", "mute"]);
    assert!(
        !output.status.success() && show(&output).contains("stop"),
        "{}",
        show(&output)
    );
}

pub(crate) fn one_that_ends_again_and_again_is_explained_until_it_answers() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.editors.catalog = vec![entry(directory.path(), "mortal", MORTAL)];
    let installation = Installation::with(&config);
    let repository = Repository::with(&[("a", "b")]);
    let url = repository.url();
    let id = &installation.create_with(&url, "mortal");
    installation.exec(id, &["sh", "-c", "echo precious > mine.txt; touch poison"]);
    let editor = || installation.status(id)["editor"].take();
    until("the trouble is told", || editor()["trouble"].is_string());
    let told = editor();
    let trouble = told["trouble"].as_str().unwrap_or_default();
    for part in [
        "mortal ended with signal 9",
        "times within 5 minutes",
        "mortal: my heart",
    ] {
        assert!(trouble.contains(part), "{trouble}");
    }
    let hint = told["troubleHint"].as_str().unwrap_or_default();
    assert!(hint.contains("--editor terminal"), "{hint}");
    assert_ne!(told["ready"], true);
    assert_eq!(installation.phase(id), "PHASE_RUNNING");

    for page in ["start", "workspaces"] {
        let page = installation.page(&format!("/{page}/{id}"));
        assert!(
            page.contains("mortal: my heart")
                && page.contains("<code>gitpod workspace start ID --editor terminal</code>"),
            "{page}"
        );
    }
    let list = installation.page("/workspaces");
    assert!(list.contains("its editor does not answer"), "{list}");
    let shown = show(&installation.gitpod(&["workspace", "get", id]));
    assert!(shown.contains("mortal: my heart"), "{shown}");
    let token = installation.owner_token(id);
    let host = format!("{id}.ws.localhost");
    let person = [
        ("x-gitpod-owner-token", token.as_str()),
        ("accept", "text/html"),
    ];
    until("who opens it is told, too", || {
        let (status, page) = installation.http(&host, "/", &person);
        status == 503 && page.contains("The editor does not answer")
    });

    installation.exec(id, &["rm", "poison"]);
    until("it answers again and nothing is told any more", || {
        let editor = editor();
        editor["ready"] == true && editor["trouble"].is_null()
    });
    assert_eq!(
        installation.http(&host, "/", &person),
        (200, String::from("alive"))
    );
    let page = installation.page(&format!("/workspaces/{id}"));
    assert!(!page.contains("mortal: my heart"), "{page}");
    assert_eq!(installation.exec(id, &["cat", "mine.txt"]), "precious\n");
}

pub(crate) fn a_damaged_package_is_found_and_repaired() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("cache");
    let mut config = Config::default();
    config.editors.catalog = vec![entry(directory.path(), "mortal", MORTAL)];
    config.editors.cache_dir = Some(cache.clone());
    config.policy.editor = Duration::from_secs(20);
    let installation = Installation::with(&config);
    let id = installation.create_with(&Repository::with(&[("a", "b")]).url(), "mortal");
    installation.exec(&id, &["sh", "-c", "echo precious > mine.txt"]);
    let program = || {
        let packages = std::fs::read_dir(&cache).unwrap().flatten();
        let names = packages.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let name = names.filter(|name| name.starts_with("mortal-")).last();
        cache.join(name.unwrap()).join("package/start")
    };
    // Only the bytes tell: the size and the time are the same.
    let (text, time) = (
        std::fs::read_to_string(program()).unwrap(),
        std::fs::metadata(program()).unwrap().modified().unwrap(),
    );
    std::fs::write(program(), text.replace("I feel well", "I am hacked")).unwrap();
    let file = std::fs::File::options().write(true).open(program());
    file.unwrap().set_modified(time).unwrap();
    let output = installation.server(&["editors", "verify"]);
    let said = show(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("start was changed") && said.contains("gitpod-server editors install mortal"),
        "{said}"
    );
    let output = installation.server(&["editors", "install", "mortal"]);
    assert!(output.status.success(), "{}", show(&output));
    let output = installation.server(&["editors", "verify", "mortal"]);
    assert!(
        output.status.success() && show(&output).contains("sound"),
        "{}",
        show(&output)
    );
    assert_eq!(std::fs::read_to_string(program()).unwrap(), text);

    // Its program is gone, and so is the archive it came from: the start fails, with a reason.
    let stopped = installation.gitpod(&["workspace", "stop", &id]);
    assert!(stopped.status.success(), "{}", show(&stopped));
    std::fs::remove_file(program()).unwrap();
    let archive = directory.path().join("mortal.tar.gz");
    let away = directory.path().join("away.tar.gz");
    std::fs::rename(&archive, &away).unwrap();
    let output = installation.gitpod(&["workspace", "start", &id]);
    assert!(!output.status.success(), "{}", show(&output));
    let status = installation.status(&id);
    assert_eq!(status["failureCode"], "editor_not_ready", "{status:#}");
    assert_eq!(status["phase"]["name"], "PHASE_STOPPED", "{status:#}");
    assert!(status["failureHint"].is_string(), "{status:#}");

    // The archive is back: a start repairs the package by itself.
    std::fs::rename(&away, &archive).unwrap();
    until("a start repairs it", || {
        let output = installation.gitpod(&["workspace", "start", &id]);
        output.status.success()
    });
    assert_eq!(installation.exec(&id, &["cat", "mine.txt"]), "precious\n");
}
