//! Bad input and trouble end in a clear state with a reason a person can act on.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::symlink;

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

/// Creates a workspace that cannot be, and gives what the command line says about it.
fn refused(installation: &Installation, url: &str) -> String {
    let output = installation.gitpod(&["workspace", "create", url, "--editor", "terminal"]);
    assert!(!output.status.success(), "{url}: {}", show(&output));
    String::from_utf8_lossy(&output.stderr).to_lowercase()
}

pub(crate) fn bad_input_is_explained() {
    let (installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    for (url, expected) in [
        (String::from("file:///no/such/repository"), "repository"),
        (String::from("http://127.0.0.1:9/o/r.git"), "127.0.0.1"),
        (
            format!("{}#no-such-branch", repository.url()),
            "no-such-branch",
        ),
        (String::from("not a url"), "url"),
        (String::from("ext::sh -c id"), ""),
        (String::from("--upload-pack=/bin/sh"), ""),
    ] {
        let said = refused(&installation, &url);
        assert!(said.contains(expected) && said.len() > 20, "{url}: {said}");
    }
    let listed = installation.json(&["workspace", "list"]);
    assert_eq!(
        listed["workspaces"].as_array().map_or(0, Vec::len),
        0,
        "nothing half-made: {listed:#}"
    );
}

pub(crate) fn a_broken_configuration_names_its_line() {
    let broken = "tasks:\n  - init: make\n   command: oops\n";
    let (installation, repository) = (
        Installation::fresh(),
        Repository::with(&[(".gitpod.yml", broken)]),
    );
    let said = refused(&installation, &repository.url());
    assert!(said.contains("line 3") || said.contains(":3:"), "{said}");
}

pub(crate) fn an_image_that_is_not_there_ends_the_start() {
    let configuration = "image: oci:/srv/images/no-such-layout\n";
    let (installation, repository) = (
        Installation::fresh(),
        Repository::with(&[(".gitpod.yml", configuration)]),
    );
    let said = refused(&installation, &repository.url());
    assert!(
        said.contains("image") && said.contains("/srv/images/no-such-layout"),
        "{said}"
    );
}

pub(crate) fn a_damaged_repository_is_explained_and_starts_once_it_is_repaired() {
    let (installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    let blob = repository.read(&["rev-parse", "HEAD:a"]);
    let (shard, rest) = blob.split_at(2);
    let objects = repository.path().join(".git/objects");
    let (object, kept) = (objects.join(shard).join(rest), objects.join("kept"));
    std::fs::rename(&object, &kept).unwrap();
    std::fs::write(&object, "garbage").unwrap();

    let said = refused(&installation, &repository.url());
    assert!(said.contains("the repository is damaged"), "{said}");
    let listed = installation.json(&["workspace", "list"]);
    let id = listed["workspaces"][0]["id"].as_str().unwrap();
    let status = installation.status(id);
    assert_eq!(status["phase"]["name"], "PHASE_STOPPED", "{status:#}");
    assert_eq!(status["failureCode"], "repository_unusable", "{status:#}");
    let page = installation.page(&format!("/start/{id}"));
    assert!(page.contains("<code>git fsck --full</code>"), "{page}");

    std::fs::rename(&kept, &object).unwrap();
    let output = installation.gitpod(&["workspace", "start", id]);
    assert!(output.status.success(), "{}", show(&output));
    assert_eq!(installation.exec(id, &["cat", "a"]), "b");
}

pub(crate) fn a_page_is_no_repository() {
    let installation = Installation::fresh();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = BufReader::new(stream.try_clone().unwrap()).lines();
            let one_line = request
                .next()
                .is_some_and(|line| line.is_ok_and(|line| line.contains("line")));
            while request
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let body = if one_line {
                "<h1>Code</h1>"
            } else {
                "<!doctype html>\n<h1>Code</h1>\n"
            };
            // A client that is gone does not matter.
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    for page in ["page", "line"] {
        let said = refused(&installation, &format!("http://{address}/{page}/r.git"));
        assert!(
            said.contains("no git repository") && said.contains("address it gives for cloning"),
            "{said}"
        );
    }
    let listed = installation.json(&["workspace", "list"]);
    assert!(listed["workspaces"].as_array().is_none_or(Vec::is_empty));
}

pub(crate) fn an_empty_repository_opens() {
    let (installation, repository) = (Installation::fresh(), Repository::empty());
    let id = installation.create(&repository.url());
    assert!(
        installation
            .exec(&id, &["git", "status"])
            .contains("No commits yet")
    );
}

pub(crate) fn a_failing_task_is_reported() {
    let configuration = "tasks:\n  - name: Broken\n    command: exit 7\n";
    let (installation, repository) = (
        Installation::fresh(),
        Repository::with(&[(".gitpod.yml", configuration)]),
    );
    let id = installation.create(&repository.url());
    until("the task's end is known", || {
        let tasks = installation.json(&["workspace", "get", &id])["status"]["tasks"].clone();
        tasks
            .as_array()
            .is_some_and(|tasks| tasks.iter().any(|task| task["exitCode"] == 7))
    });
    assert_eq!(
        installation.phase(&id),
        "PHASE_RUNNING",
        "a failing task is no failing workspace"
    );
}

pub(crate) fn hostile_links_and_names_stay_inside() {
    let repository =
        Repository::with(&[("a", "b"), ("new\nline", "x"), ("-rf", "x"), ("$(id)", "x")]);
    let marker = tempfile::tempdir().unwrap();
    let target = marker.path().join("victim");
    symlink(&target, repository.path().join("out")).unwrap();
    symlink("/etc", repository.path().join("etc")).unwrap();
    repository.commit("links");
    let installation = Installation::fresh();
    let id = installation.create(&repository.url());
    installation.gitpod(&[
        "workspace",
        "exec",
        &id,
        "--",
        "sh",
        "-c",
        "echo pwned > out",
    ]);
    assert!(!target.exists(), "a link led out of the workspace");
    assert_eq!(
        installation.exec(&id, &["cat", "new\nline", "./-rf", "$(id)"]),
        "xxx"
    );
}
