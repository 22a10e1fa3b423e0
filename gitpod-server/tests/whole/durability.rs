//! `kill -9` at any moment.

use std::thread::sleep;
use std::time::Duration;

use crate::installation::{Installation, until};
use crate::repository::Repository;

/// How often the server is killed; `GITPOD_TEST_KILLS` asks for more.
fn kills() -> u64 {
    std::env::var("GITPOD_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20)
}

pub(crate) fn a_killed_server_loses_nothing() {
    let (mut installation, repository) =
        (Installation::fresh(), Repository::with(&[("a.txt", "a\n")]));
    let id = installation.create(&repository.url());
    installation.exec(&id, &["sh", "-c", "echo precious > mine.txt"]);
    for round in 0..kills() {
        let verb = if installation.phase(&id) == "PHASE_RUNNING" {
            "stop"
        } else {
            "start"
        };
        installation.gitpod(&["workspace", verb, &id, "--no-wait"]);
        // Spread over everything a start or a stop does, in no step with it.
        sleep(Duration::from_millis(round * 37 % 211));
        installation.kill();
        installation.start();
        until("it settles", || {
            matches!(
                installation.phase(&id).as_str(),
                "PHASE_RUNNING" | "PHASE_STOPPED"
            )
        });
    }
    if installation.phase(&id) != "PHASE_RUNNING" {
        assert!(
            installation
                .gitpod(&["workspace", "start", &id])
                .status
                .success()
        );
    }
    assert_eq!(installation.exec(&id, &["cat", "mine.txt"]), "precious\n");
    let listed = installation.json(&["workspace", "list"]);
    assert_eq!(
        listed["workspaces"].as_array().map_or(0, Vec::len),
        1,
        "neither lost nor doubled: {listed:#}"
    );
}

pub(crate) fn running_workspaces_outlive_their_server() {
    let (mut installation, repository) =
        (Installation::fresh(), Repository::with(&[("a.txt", "a\n")]));
    let id = installation.create(&repository.url());
    installation.exec(
        &id,
        &[
            "sh",
            "-c",
            "setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! > /workspace/pid",
        ],
    );
    let pid = installation.exec(&id, &["cat", "/workspace/pid"]);
    installation.kill();
    installation.start();
    until("it runs still", || {
        installation.phase(&id) == "PHASE_RUNNING"
    });
    installation.exec(&id, &["kill", "-0", pid.trim()]);
    installation.stop();
    installation.start();
    installation.exec(&id, &["kill", "-0", pid.trim()]);
}
