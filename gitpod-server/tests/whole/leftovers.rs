//! Counts what the machine has before and after.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

/// Mounts, control groups, links and processes of this machine that can be a workspace's.
fn inventory(data_dir: &Path) -> BTreeSet<String> {
    let needle = data_dir.display().to_string();
    let mut found = BTreeSet::new();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    found.extend(
        mounts
            .lines()
            .filter(|line| line.contains(&needle))
            .map(|line| format!("mount {line}")),
    );
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        if command.contains(&needle) {
            found.insert(format!("process {command}"));
        }
    }
    for device in fs::read_dir("/sys/block").unwrap().flatten() {
        let file = fs::read_to_string(device.path().join("loop/backing_file"));
        found.extend(
            file.ok()
                .filter(|file| file.contains(&needle))
                .map(|file| format!("loop device of {file}")),
        );
    }
    for directory in ["sandbox/instances", "scratch", "workspaces"] {
        let entries = fs::read_dir(data_dir.join(directory))
            .into_iter()
            .flatten()
            .flatten();
        found.extend(entries.map(|entry| format!("directory {}", entry.path().display())));
    }
    found
}

pub(crate) fn nothing_is_left() {
    let (mut installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    let data_dir = installation.data_dir();
    until("two disks of each size are ready", || {
        spares(&data_dir) == SPARES
    });
    let ids: Vec<_> = (0..3)
        .map(|_| installation.create(&repository.url()))
        .collect();
    assert!(
        ids.iter()
            .all(|id| inventory(&data_dir).iter().any(|line| line.contains(id))),
        "this count would notice"
    );
    for id in &ids {
        assert!(
            installation
                .gitpod(&["workspace", "delete", id, "--yes"])
                .status
                .success()
        );
    }
    // Their files are kept for a while; nothing else is.
    let left =
        |line: &String| ids.iter().any(|id| line.contains(id)) && !line.starts_with("directory");
    until("nothing of them is left", || {
        !inventory(&data_dir).iter().any(left)
    });
    installation.stop();
    let kept = |line: &String| ids.iter().any(|id| line.ends_with(id));
    until("nothing is left at all", || {
        inventory(&data_dir).iter().all(kept)
    });
}

pub(crate) fn a_killed_server_leaves_no_spare_disks() {
    let (mut installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    let data_dir = installation.data_dir();
    let id = installation.create(&repository.url());
    for _ in 0..3 {
        until("the disks are ready", || spares(&data_dir) == SPARES);
        installation.kill();
        assert_eq!(spares(&data_dir), SPARES, "this count would notice");
        installation.start();
    }
    until("the disks are ready", || spares(&data_dir) == SPARES);
    assert_eq!(mounts(&data_dir, &id), 1, "found again, not doubled");
    assert_eq!(installation.exec(&id, &["cat", "a"]), "b");
    installation.stop();
    assert_eq!(spares(&data_dir), 0);
    installation.start();
    assert_eq!(installation.exec(&id, &["cat", "a"]), "b");
    // The server let go of the disk, the workspace did not: it is measured where it is, and let go of again.
    let bearer = format!("Bearer {}", installation.token());
    let page = format!("/workspaces/{id}");
    let (_, page) = installation.http("localhost", &page, &[("authorization", &bearer)]);
    assert!(page.contains("% of 30 GiB used"), "{page}");
    assert_eq!(mounts(&data_dir, &id), 1);
    let stopped = installation.gitpod(&["workspace", "stop", &id]);
    assert!(stopped.status.success(), "{}", show(&stopped));
    assert_eq!(mounts(&data_dir, &id), 0);
}

/// The classes of a server that configures none have disks of two sizes.
const SPARES: usize = 4;

fn spares(data_dir: &Path) -> usize {
    mounts(&data_dir.join("workspaces"), ".unfinished-")
}

fn mounts(data_dir: &Path, name: &str) -> usize {
    let needle = data_dir.display().to_string();
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let ours = mounts.lines().filter(|line| line.contains(&needle));
    ours.filter(|line| line.contains(name) && line.contains(" ext4 "))
        .count()
}
