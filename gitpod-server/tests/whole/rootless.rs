//! All of it without root: the server is an ordinary user's.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::installation::{Installation, USER, show, until};
use crate::repository::Repository;

pub(crate) fn a_user_needs_no_root() {
    let repository = Repository::with(&[(
        ".gitpod.yml",
        "tasks:\n  - command: echo from the task > task.txt\n",
    )]);
    repository.give_to(USER);
    let installation = Installation::of_a_user(&["terminal"]);
    let id = installation.create(&repository.url());
    until("the task wrote its file", || {
        let output = installation.gitpod(&["workspace", "exec", &id, "--", "cat", "task.txt"]);
        output.stdout == b"from the task\n"
    });
    let script = "id -un; echo kept > kept.txt; git status --porcelain";
    let said = installation.exec(&id, &["sh", "-c", script]);
    assert!(said.starts_with("gitpod\n"), "{said}");
    assert!(said.contains("?? kept.txt"), "{said}");

    // What this machine cannot do for a user is said, and what it can is done.
    let told = installation.status(&id)["warnings"].to_string();
    assert_eq!(
        told.contains("limits of its class for memory"),
        !has_own_groups(),
        "{told}"
    );
    let page = installation.page(&format!("/start/{id}"));
    assert!(has_own_groups() || page.contains("are not kept"), "{page}");
    until("there is a way out", || {
        let routes = installation.exec(&id, &["cat", "/proc/net/route"]);
        routes.contains("eth0\t00000000")
    });

    let stopped = installation.gitpod(&["workspace", "stop", &id]);
    assert!(stopped.status.success(), "{}", show(&stopped));
    until("it is stopped", || {
        installation.phase(&id) == "PHASE_STOPPED"
    });
    let started = installation.gitpod(&["workspace", "start", &id]);
    assert!(started.status.success(), "{}", show(&started));
    assert_eq!(installation.exec(&id, &["cat", "kept.txt"]), "kept\n");

    // On disk it is the user's own, whoever made it inside.
    let volume = installation.data_dir().join("workspaces").join(&id);
    let owner = |path: &Path| std::fs::metadata(path).unwrap().uid();
    assert_ne!(owner(&volume), 0);
    assert_eq!(owner(&volume), owner(&installation.data_dir()));
    let deleted = installation.gitpod(&["workspace", "delete", &id, "--yes"]);
    assert!(deleted.status.success(), "{}", show(&deleted));
    until("its instance is gone", || {
        let instances = installation.data_dir().join("sandbox/instances");
        std::fs::read_dir(instances).unwrap().next().is_none()
    });
}

/// Whether the user who runs the tests, if it is one, was handed control groups; nobody hands any to the tests' own user.
fn has_own_groups() -> bool {
    let finding = |name| {
        gitpod_runtime::sandbox::doctor()
            .into_iter()
            .any(|finding| finding.name == name && finding.ok)
    };
    std::fs::metadata("/proc/self").unwrap().uid() != 0 && finding("memory limits")
}
