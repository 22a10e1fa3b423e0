//! Counts what the machine has before and after.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::installation::{Installation, until};
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
    for directory in ["sandbox/instances", "scratch"] {
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
    let before = inventory(&data_dir);
    let ids: Vec<_> = (0..3)
        .map(|_| installation.create(&repository.url()))
        .collect();
    assert!(
        inventory(&data_dir).len() > before.len(),
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
    until("everything is gone", || {
        inventory(&data_dir).is_subset(&before)
    });
    installation.stop();
    let after = inventory(&data_dir);
    assert!(after.is_empty(), "{after:#?}");
}
