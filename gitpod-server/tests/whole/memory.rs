//! The memory limit of a class.

use std::path::PathBuf;

use gitpod_core::class::{Resources, WorkspaceClass};
use gitpod_server::config::Config;

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

const MIB: u64 = 1 << 20;

/// A server whose default class is small.
fn installation() -> Installation {
    let class = |id: &str, mib: u64| {
        let resources = Resources::unlimited()
            .with_memory_bytes(mib * MIB)
            .with_pids(512);
        WorkspaceClass::new(id, id, resources)
    };
    let mut config = Config::default();
    config.classes = vec![class("small", 160), class("large", 1024)];
    Installation::with(&config)
}

pub(crate) fn a_hog_dies_alone_and_is_explained() {
    let hungry = "tasks:\n  - name: Hog\n    command: tail /dev/zero\n";
    let installation = installation();
    let other = installation.create(&Repository::with(&[("a", "b")]).url());
    let repository = Repository::with(&[(".gitpod.yml", hungry)]);
    let hog = installation.create(&repository.url());
    let mut status = serde_json::Value::Null;
    until("the kill is told", || {
        // Another workspace answers all the while.
        assert_eq!(installation.exec(&other, &["echo", "fine"]), "fine\n");
        status = installation.status(&hog);
        let failure = status["tasks"][0]["failure"].as_str().unwrap_or_default();
        status["warnings"].to_string().contains("killed for memory") && !failure.is_empty()
    });
    let warnings = status["warnings"].to_string();
    assert!(
        warnings.contains("a process was killed for memory (limit 160 MiB)")
            && warnings.contains("larger class"),
        "{warnings}"
    );
    assert_eq!(status["memoryKills"], "1", "the hog alone: {status:#}");
    let failure = status["tasks"][0]["failure"].as_str().unwrap();
    assert!(failure.contains("memory limit"), "{failure}");
    let page = installation.page(&format!("/workspaces/{hog}"));
    assert!(page.contains("killed for memory (limit 160 MiB)"), "{page}");
    assert_eq!(installation.phase(&hog), "PHASE_RUNNING");
    assert_eq!(installation.exec(&hog, &["echo", "alive"]), "alive\n");

    let output = installation.gitpod(&["workspace", "exec", &hog, "--", "tail", "/dev/zero"]);
    assert_eq!(output.status.code(), Some(137), "{}", show(&output));
    assert!(show(&output).contains("memory"), "{}", show(&output));
}

pub(crate) fn many_small_hogs_do_not_take_the_supervisor_along() {
    let installation = installation();
    let id = installation.create(&Repository::with(&[("a", "b")]).url());
    // The supervisor sets it when the shell has just begun.
    let script = "sleep 0.5; cat /proc/self/oom_score_adj";
    let points = installation.exec(&id, &["sh", "-c", script]);
    assert_eq!(points, "500\n", "chosen before the supervisor");
    // Each of them is about as large as the supervisor. Now and then the kernel takes its time with them (it drops pages of programs
    // first), so they come again until some were killed.
    let script = "for i in $(seq 120); do sh -c 'x=$(head -c 3M /dev/zero | tr \"\\\\0\" x); sleep 5' & done; wait";
    let hogs = [
        "workspace",
        "exec",
        &id,
        "--",
        "timeout",
        "10",
        "bash",
        "-c",
        script,
    ];
    until("kills are told", || {
        installation.gitpod(&hogs);
        installation.status(&id)["warnings"]
            .to_string()
            .contains("killed for memory")
    });
    until("it goes on", || {
        let output = installation.gitpod(&["workspace", "exec", &id, "--", "echo", "alive"]);
        output.status.success() && output.stdout == b"alive\n"
    });
    assert_eq!(installation.phase(&id), "PHASE_RUNNING");
}

pub(crate) fn a_workspace_that_is_killed_says_so_and_keeps_its_files() {
    let installation = installation();
    let id = installation.create(&Repository::with(&[("a", "b")]).url());
    installation.exec(&id, &["sh", "-c", "echo precious > mine.txt"]);
    // Everybody else dies before the supervisor, which makes this rare: here it is made the first to go.
    std::fs::write(supervisor_of(&id).join("oom_score_adj"), "1000").unwrap();
    installation.gitpod(&[
        "workspace",
        "exec",
        &id,
        "--",
        "sh",
        "-c",
        "head -c 400M /dev/zero > /tmp/a; head -c 400M /dev/zero > /dev/shm/b",
    ]);
    until("it is stopped", || {
        installation.phase(&id) == "PHASE_STOPPED"
    });
    let status = installation.status(&id);
    assert_eq!(status["failureCode"], "out_of_memory", "{status:#}");
    assert_eq!(
        status["conditions"]["failed"], "killed for memory (limit 160 MiB)",
        "{status:#}"
    );
    let hint = status["failureHint"].as_str().unwrap();
    assert!(
        hint.contains("files are kept") && hint.contains("--class"),
        "{hint}"
    );
    let page = installation.page(&format!("/workspaces/{id}"));
    assert!(page.contains("killed for memory (limit 160 MiB)"), "{page}");

    let output = installation.gitpod(&["workspace", "start", &id, "--class", "huge"]);
    assert!(
        !output.status.success() && show(&output).contains("large"),
        "the classes are named: {}",
        show(&output)
    );
    let output = installation.gitpod(&["workspace", "start", &id, "--class", "large"]);
    assert!(output.status.success(), "{}", show(&output));
    assert_eq!(installation.exec(&id, &["cat", "mine.txt"]), "precious\n");
    let workspace = installation.json(&["workspace", "get", &id]);
    assert_eq!(workspace["spec"]["class"], "large", "{workspace:#}");
}

/// The directory in `/proc` of a workspace's supervisor, as the node sees it.
fn supervisor_of(id: &str) -> PathBuf {
    let name = format!("GITPOD_WORKSPACE_ID={id}");
    let is_it = |process: &PathBuf| {
        let read = |file| std::fs::read(process.join(file)).unwrap_or_default();
        read("cmdline").starts_with(b"/.supervisor/supervisor\0init")
            && read("environ")
                .split(|byte| *byte == 0)
                .any(|entry| entry == name.as_bytes())
    };
    let processes = std::fs::read_dir("/proc").unwrap();
    processes
        .map(|entry| entry.unwrap().path())
        .find(is_it)
        .expect("its supervisor runs")
}
