//! The main way, once through.

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

pub(crate) fn a_url_becomes_a_running_workspace() {
    let (installation, repository) = (
        Installation::fresh(),
        Repository::with(&[("hello.txt", "hello\n")]),
    );
    let id = installation.create(&repository.url());
    assert_eq!(
        installation.exec(&id, &["cat", "hello.txt"]),
        "hello\n",
        "exec starts in the checkout"
    );
    let workspace = installation.json(&["workspace", "get", &id]);
    let steps = workspace["status"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 9, "{steps:?}");
    let listed = installation.json(&["workspace", "list"]);
    assert!(listed.to_string().contains(&id));
    assert!(
        installation
            .gitpod(&["workspace", "delete", &id, "--yes"])
            .status
            .success()
    );
    until("the workspace is gone from the list", || {
        !installation
            .json(&["workspace", "list"])
            .to_string()
            .contains(&id)
    });
}

pub(crate) fn files_survive_stop_and_start() {
    let (installation, repository) = (
        Installation::fresh(),
        Repository::with(&[("a.txt", "committed\n")]),
    );
    let id = installation.create(&repository.url());
    installation.exec(
        &id,
        &[
            "sh",
            "-c",
            "echo changed > a.txt; echo new > b.txt; mkdir d; ln -s ../a.txt d/link",
        ],
    );
    let stopped = installation.gitpod(&["workspace", "stop", &id]);
    assert!(stopped.status.success(), "{}", show(&stopped));
    until("it is stopped", || {
        installation.phase(&id) == "PHASE_STOPPED"
    });
    let git = installation.json(&["workspace", "get", &id])["status"]["gitStatus"].clone();
    assert_eq!(git["branch"], "main", "{git:#}");
    assert_eq!(git["totalUncommitedFiles"], 1, "{git:#}");
    assert_eq!(git["totalUntrackedFiles"], 2, "{git:#}");
    let started = installation.gitpod(&["workspace", "start", &id]);
    assert!(started.status.success(), "{}", show(&started));
    assert_eq!(
        installation.exec(&id, &["sh", "-c", "cat a.txt b.txt d/link"]),
        "changed\nnew\nchanged\n"
    );
}

pub(crate) fn exec_passes_input_output_and_exit_code() {
    let (installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    let id = installation.create(&repository.url());
    let output = installation.gitpod_with_input(
        &[
            "workspace",
            "exec",
            &id,
            "--",
            "sh",
            "-c",
            "cat; echo oops >&2; exit 42",
        ],
        b"through and through",
    );
    assert_eq!(output.status.code(), Some(42), "{}", show(&output));
    assert_eq!(output.stdout, b"through and through");
    assert_eq!(output.stderr, b"oops\n");
}

pub(crate) fn tasks_run_and_ports_are_found() {
    let configuration = "\
ports:
  - port: 8123
    name: web
tasks:
  - name: Serve
    before: export GREETING=hello
    init: echo init > /workspace/init.log
    command: >-
      echo $GREETING > /workspace/command.log; perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(Listen=>5,LocalAddr=>\"127.0.0.1\",LocalPort=>8123,ReuseAddr=>1) or die; while($c=$s->accept){while(<$c>){last if /^\\r?$/} print $c \"HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\nConnection: close\\r\\n\\r\\nport\"; close $c}'
";
    let (installation, repository) = (
        Installation::fresh(),
        Repository::with(&[(".gitpod.yml", configuration)]),
    );
    let id = installation.create(&repository.url());
    until("the task ran and its port is found", || {
        let ports = installation.json(&["workspace", "get", &id])["status"]["ports"].clone();
        ports.as_array().is_some_and(|ports| {
            ports
                .iter()
                .any(|p| p["port"] == "8123" && p["served"] == true)
        })
    });
    assert_eq!(
        installation.exec(
            &id,
            &["cat", "/workspace/init.log", "/workspace/command.log"]
        ),
        "init\nhello\n"
    );
    let host = format!("8123-{id}.ws.localhost");
    let token = installation.owner_token(&id);
    let (status, body) = installation.http(&host, "/", &[("x-gitpod-owner-token", &token)]);
    assert_eq!((status, body.as_str()), (200, "port"));
    assert_eq!(
        installation.http(&host, "/", &[]).0,
        401,
        "private by default"
    );
}

pub(crate) fn the_editor_answers_its_owner_alone() {
    let (installation, repository) = (Installation::fresh(), Repository::with(&[("a", "b")]));
    let id = installation.create(&repository.url());
    let host = format!("{id}.ws.localhost");
    let token = installation.owner_token(&id);
    let (status, body) = installation.http(&host, "/", &[("x-gitpod-owner-token", &token)]);
    assert_eq!(status, 200);
    assert!(body.contains("<html"), "{body}");
    assert_eq!(installation.http(&host, "/", &[]).0, 401);
    assert_eq!(
        installation
            .http(&host, "/", &[("x-gitpod-owner-token", "wrong")])
            .0,
        403
    );
    assert_eq!(
        installation
            .http("misty-otter-00000000.ws.localhost", "/", &[])
            .0,
        404
    );
    assert_eq!(
        installation.http("evil.example", "/", &[]).0,
        421,
        "a name that is not ours"
    );
}
