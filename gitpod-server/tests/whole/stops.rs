//! Stops that meet trouble: each ends, says what it could not do, and loses nothing.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gitpod_server::config::Config;

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

/// The supervisor of a workspace, as this machine numbers it.
fn supervisor(id: &str) -> Option<String> {
    let wanted = format!("GITPOD_WORKSPACE_ID={id}");
    fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let read = |name: &str| fs::read(entry.path().join(name)).unwrap_or_default();
        let is_supervisor = read("cmdline").starts_with(b"/.supervisor/supervisor\0");
        let is_its = read("environ")
            .split(|&byte| byte == 0)
            .any(|variable| variable == wanted.as_bytes());
        (is_supervisor && is_its).then(|| entry.file_name().to_string_lossy().into_owned())
    })
}

fn find(directory: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).find_map(|path| {
        if path.ends_with(name) {
            return Some(path);
        }
        let is_directory = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        is_directory.then(|| find(&path, name)).flatten()
    })
}

fn stop(installation: &Installation, id: &str) -> serde_json::Value {
    let output = installation.gitpod(&["workspace", "stop", id]);
    assert!(output.status.success(), "{}", show(&output));
    let status = installation.status(id);
    assert_eq!(status["phase"]["name"], "PHASE_STOPPED", "{status:#}");
    assert_eq!(status["stopReason"], "requested", "{status:#}");
    assert!(status["conditions"]["failed"].is_null(), "{status:#}");
    status
}

fn start(installation: &Installation, id: &str) {
    let output = installation.gitpod(&["workspace", "start", id]);
    assert!(output.status.success(), "{}", show(&output));
    assert_eq!(installation.exec(id, &["cat", "mine.txt"]), "precious\n");
}

/// What is told about the last run, on its page, too.
fn warning(installation: &Installation, id: &str, status: &serde_json::Value, sign: &str) {
    let told = status["warnings"].as_array().is_some_and(|warnings| {
        let mut texts = warnings.iter().filter_map(serde_json::Value::as_str);
        texts.any(|text| text.contains(sign) && text.contains("all files are kept"))
    });
    assert!(told, "{sign}: {status:#}");
    let page = installation.page(&format!("/workspaces/{id}"));
    assert!(page.contains(sign), "{page}");
}

fn with_a_file(installation: &Installation) -> String {
    let id = installation.create(&Repository::with(&[("a", "b")]).url());
    installation.exec(&id, &["sh", "-c", "echo precious > mine.txt"]);
    id
}

pub(crate) fn one_that_does_not_stop_in_time_is_ended() {
    let mut config = Config::default();
    config.policy.stop_grace = Duration::from_secs(2);
    let installation = Installation::with(&config);
    let id = with_a_file(&installation);
    let pid = supervisor(&id).expect("a supervisor");
    // It hears no signal any more but the last one.
    let frozen = Command::new("kill").args(["-STOP", &pid]).status();
    assert!(frozen.unwrap().success());
    let status = stop(&installation, &id);
    assert_eq!(supervisor(&id), None);
    assert_eq!(status["gitStatus"]["totalUntrackedFiles"], 1, "{status:#}");
    start(&installation, &id);
}

/// Loop devices of a workspace's disk.
fn devices(id: &str) -> usize {
    let devices = fs::read_dir("/sys/block").unwrap().flatten();
    devices
        .filter(|device| {
            let file = fs::read_to_string(device.path().join("loop/backing_file"));
            file.is_ok_and(|file| file.contains(id))
        })
        .count()
}

pub(crate) fn a_disk_that_somebody_holds_is_the_same_at_the_next_start() {
    let installation = Installation::fresh();
    let id = with_a_file(&installation);
    let file = find(&installation.data_dir(), "mine.txt").expect("the file on this machine");
    let mut held = File::open(file).unwrap();
    stop(&installation, &id);
    assert_eq!(devices(&id), 1, "it is held");
    start(&installation, &id);
    assert_eq!(
        devices(&id),
        1,
        "twice mounted, the one would destroy the other"
    );
    installation.exec(&id, &["sh", "-c", "echo more >> mine.txt"]);
    let mut text = String::new();
    held.read_to_string(&mut text).unwrap();
    assert_eq!(text, "precious\nmore\n");
    stop(&installation, &id);
    drop(held);
    until("the disk is put away", || devices(&id) == 0);
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&id), "{mounts}");
}

pub(crate) fn git_that_never_answers_does_not_hold_a_stop_up() {
    let installation = Installation::fresh();
    let id = with_a_file(&installation);
    // Whoever reads it waits for ever.
    let hang = "mv .git/HEAD .git/kept && mkfifo .git/HEAD";
    installation.exec(&id, &["sh", "-c", hang]);
    let status = stop(&installation, &id);
    warning(&installation, &id, &status, "git could not be asked");
    start(&installation, &id);
    installation.exec(&id, &["mv", ".git/kept", ".git/HEAD"]);
    let status = stop(&installation, &id);
    assert!(status["warnings"].is_null(), "{status:#}");
    assert_eq!(status["gitStatus"]["branch"], "main", "{status:#}");
    until("nothing of it runs", || supervisor(&id).is_none());
}
