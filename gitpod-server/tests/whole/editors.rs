//! Editors that never answer: archives of the catalogue whose programs misbehave.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitpod_ide::{Entry, Package};
use gitpod_server::config::Config;
use sha2::{Digest as _, Sha512};

use crate::installation::{Installation, show};
use crate::repository::Repository;

/// Says something and listens nowhere.
const MUTE: &str = "echo mute: warming up; exec sleep 1000";
/// Ends at once.
const QUITTER: &str = "echo quitter: no licence found >&2; exit 3";
/// Answers, and always with a server error.
const BROKEN: &str = r#"echo broken: cannot read my settings; exec perl -MIO::Socket::INET -e '
    $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], ReuseAddr => 1) or die $@;
    while ($c = $s->accept) { while (<$c>) { last if /^\r?$/ } print $c "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"; close $c }' "$1""#;

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
