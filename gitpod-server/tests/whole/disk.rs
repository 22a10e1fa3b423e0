//! A full disk hurts only its own workspace, whatever disk it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gitpod_content::local::LocalVolumesConfig;

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

/// Workspaces with very little room.
const SMALL: &str = r#"
[[classes]]
id = "tiny"
display_name = "Tiny"
resources = { memory_bytes = 536870912, pids = 512, disk_bytes = 67108864 }

[[classes]]
id = "roomy"
display_name = "Roomy"
resources = { memory_bytes = 1073741824, pids = 512, disk_bytes = 1073741824 }
"#;

/// Why disks cannot be limited here, if they cannot.
pub(crate) fn missing() -> Option<String> {
    LocalVolumesConfig::new(std::env::temp_dir()).why_not_limited()
}

fn run(installation: &Installation, id: &str, script: &str) -> Output {
    installation.gitpod(&["workspace", "exec", id, "--", "sh", "-c", script])
}

fn succeed(installation: &Installation, arguments: &[&str]) {
    let output = installation.gitpod(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", show(&output));
}

fn mounts_of(id: &str) -> usize {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    mounts.lines().filter(|line| line.contains(id)).count()
}

pub(crate) fn a_workspace_that_fills_its_disk_hurts_only_itself() {
    let (installation, repository) = (
        Installation::configured(SMALL),
        Repository::with(&[("a.txt", "a\n")]),
    );
    let (full, other) = (
        installation.create(&repository.url()),
        installation.create(&repository.url()),
    );
    installation.exec(&full, &["sh", "-c", "echo precious > mine.txt"]);
    let filled = run(
        &installation,
        &full,
        "dd if=/dev/zero of=big bs=1M count=200",
    );
    let said = show(&filled);
    assert!(
        !filled.status.success() && said.contains("No space left"),
        "{said}"
    );
    // Its user is told.
    let bearer = format!("Bearer {}", installation.token());
    let page = format!("/workspaces/{full}");
    let (status, page) = installation.http("localhost", &page, &[("authorization", &bearer)]);
    assert!(
        status == 200 && page.contains("% of") && page.contains("may fail"),
        "{status} {page}"
    );
    installation.exec(
        &other,
        &["sh", "-c", "dd if=/dev/zero of=fine bs=1M count=8 && sync"],
    );
    // What was there is kept, over a stop and a start of the full workspace, too.
    assert_eq!(
        installation.exec(&full, &["cat", "mine.txt", "a.txt"]),
        "precious\na\n"
    );
    succeed(&installation, &["workspace", "stop", &full]);
    assert_eq!(mounts_of(&full), 0, "a stopped workspace holds no mount");
    succeed(&installation, &["workspace", "start", &full]);
    assert_eq!(installation.exec(&full, &["cat", "mine.txt"]), "precious\n");
    installation.exec(
        &full,
        &["sh", "-c", "rm big && head -c 16M /dev/zero > usable"],
    );
    let third = installation.create(&repository.url());
    assert_eq!(installation.exec(&third, &["cat", "a.txt"]), "a\n");
}

pub(crate) fn a_repository_that_does_not_fit_is_explained() {
    let repository = Repository::with(&[("a.txt", "a\n")]);
    let noise = Command::new("head")
        .args(["-c", "36M", "/dev/urandom"])
        .output()
        .unwrap();
    std::fs::write(repository.path().join("noise"), noise.stdout).unwrap();
    repository.commit("large");
    let installation = Installation::configured(SMALL);
    let url = repository.url();
    let create = |class: &str| {
        let output = installation.gitpod(&[
            "workspace",
            "create",
            &url,
            "--editor",
            "terminal",
            "--class",
            class,
        ]);
        (output.status.success(), show(&output))
    };
    let (created, said) = create("tiny");
    assert!(!created, "{said}");
    for part in ["the disk is full", "64 MiB", "choose a larger class"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let listed = installation.json(&["workspace", "list"]);
    let id = listed["workspaces"][0]["id"].as_str().unwrap().to_owned();
    until("it is stopped, and holds nothing", || {
        installation.phase(&id) == "PHASE_STOPPED" && mounts_of(&id) == 0
    });
    // Nothing of the repository is left behind: what remains is an empty file system.
    let image = installation
        .data_dir()
        .join("workspaces")
        .join(&id)
        .join("disk.img");
    until("the image is small again", || {
        let blocks = std::os::unix::fs::MetadataExt::blocks(&image.metadata().unwrap());
        blocks * 512 < 16 << 20
    });
    let (created, said) = create("roomy");
    assert!(created, "{said}");
}

pub(crate) fn a_full_memory_file_system_hurts_only_its_own() {
    let (installation, repository) = (
        Installation::configured(SMALL),
        Repository::with(&[("a.txt", "a\n")]),
    );
    let (full, other) = (
        installation.create(&repository.url()),
        installation.create(&repository.url()),
    );
    for place in ["/tmp", "/dev/shm", "/var/tmp"] {
        // Refused by the file system, or killed for the memory that its files are charged to.
        let script = format!("head -c 64G /dev/zero > {place}/big");
        let filled = run(&installation, &full, &script);
        assert!(!filled.status.success(), "{place}: {}", show(&filled));
        assert_eq!(
            installation.exec(
                &other,
                &["sh", "-c", "head -c 4M /dev/zero > fine; cat a.txt"]
            ),
            "a\n",
            "while {place} of another is full"
        );
        run(&installation, &full, &format!("rm -f {place}/big"));
    }
    assert_eq!(installation.phase(&other), "PHASE_RUNNING");
    succeed(&installation, &["workspace", "stop", &full]);
    succeed(&installation, &["workspace", "start", &full]);
    assert_eq!(installation.exec(&full, &["cat", "a.txt"]), "a\n");
}

pub(crate) fn nothing_starts_on_a_data_disk_that_is_nearly_full() {
    let reserve = format!("[disk]\nreserve_bytes = {}\n", i64::MAX);
    let (installation, repository) = (
        Installation::configured(&reserve),
        Repository::with(&[("a.txt", "a\n")]),
    );
    let output = installation.gitpod(&[
        "workspace",
        "create",
        &repository.url(),
        "--editor",
        "terminal",
    ]);
    let said = show(&output);
    assert!(!output.status.success(), "{said}");
    for part in ["data disk is nearly full", "delete workspaces"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// A disk of 768 MiB, gone at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: &Path) -> Self {
        std::fs::create_dir(path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=768m,mode=700", "tmpfs"])
            .arg(path)
            .status()
            .unwrap();
        assert!(mounted.success());
        Self(path.to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

pub(crate) fn before_the_data_disk_is_full_the_one_that_takes_most_is_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let disk = SmallDisk::at(&directory.path().join("data"));
    let repository = Repository::with(&[("a.txt", "a\n")]);
    let config = "disk.reserve_bytes = 402653184"; // 384 MiB; half of it is defended
    let installation = Installation::at(&disk.0, config);
    let (greedy, other) = (
        installation.create(&repository.url()),
        installation.create(&repository.url()),
    );
    installation.exec(&greedy, &["sh", "-c", "echo precious > mine.txt; sync"]);
    // At the pace of a slow disk: 20 MiB each 100 ms at most.
    let fill = "for i in $(seq 60); do head -c 20M /dev/zero > big$i; sync; sleep 0.1; done";
    run(&installation, &greedy, fill);
    until("it is stopped", || {
        installation.phase(&greedy) == "PHASE_STOPPED"
    });
    let status = installation.json(&["workspace", "get", &greedy])["status"].to_string();
    assert!(status.contains("data disk is full"), "{status}");
    assert_eq!(installation.phase(&other), "PHASE_RUNNING");
    installation.exec(
        &other,
        &["sh", "-c", "head -c 4M /dev/zero > fine && sync && rm fine"],
    );
    // It does not start again before there is room, and its files are kept.
    let output = installation.gitpod(&["workspace", "start", &greedy]);
    let said = show(&output);
    assert!(
        !output.status.success() && said.contains("nearly full"),
        "{said}"
    );
    drop(installation);
    drop(disk);
}
