//! Ports: such that are taken, and who may reach them.

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

/// A task that serves `port`, and says why if it cannot.
fn serving(name: &str, port: u16, answer: &str) -> String {
    format!(
        "  - name: {name}
    command: >-
      exec perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(Listen=>5,LocalAddr=>\"127.0.0.1\",LocalPort=>{port}) or die \"cannot listen on {port}: $@\"; while($c=$s->accept){{while(<$c>){{last if /^\\r?$/}} print $c \"HTTP/1.1 200 OK\\r\\nContent-Length: {}\\r\\nConnection: close\\r\\n\\r\\n{answer}\"; close $c}}'
",
        answer.len()
    )
}

pub(crate) fn a_task_does_not_get_a_port_that_is_taken() {
    // The last one waits until the one before it has its port.
    let again = serving("Second", 8124, "second").replace("exec perl", "sleep 5; exec perl");
    let configuration = [
        String::from("tasks:\n"),
        serving("Editor", 23000, "thief"),
        serving("Supervisor", 22999, "thief"),
        serving("First", 8124, "first"),
        again,
    ]
    .concat();
    let installation = Installation::fresh();
    let repository = Repository::with(&[(".gitpod.yml", configuration.as_str())]);
    let id = installation.create(&repository.url());
    let mut status = serde_json::Value::Null;
    let failed = |status: &serde_json::Value, index: usize| {
        let failure = status["tasks"][index]["failure"].as_str();
        failure.is_some_and(|text| text.contains("exit code"))
    };
    until("three tasks have failed and the port is served", || {
        status = installation.status(&id);
        [0, 1, 3].into_iter().all(|index| failed(&status, index))
            && status["ports"]
                .as_array()
                .is_some_and(|ports| ports.iter().any(|p| p["port"] == "8124"))
    });
    assert!(!failed(&status, 2), "{status:#}");
    assert_eq!(installation.phase(&id), "PHASE_RUNNING");
    for (task, port) in [("Editor", 23000), ("Supervisor", 22999), ("Second", 8124)] {
        let output = installation.gitpod(&["workspace", "logs", &id, "--task", task]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            said.contains(&format!("cannot listen on {port}")) && said.contains("in use"),
            "{task}: {said}"
        );
    }
    let token = installation.owner_token(&id);
    let owner = [("x-gitpod-owner-token", token.as_str())];
    let (status, body) = installation.http(&format!("{id}.ws.localhost"), "/", &owner);
    assert_eq!(status, 200);
    assert!(body.contains("<html"), "the editor has its port: {body}");
    let (_, body) = installation.http(&format!("8124-{id}.ws.localhost"), "/", &owner);
    assert_eq!(body, "first");
}

pub(crate) fn the_list_inside_shows_what_the_owner_chose() {
    let configuration = "ports:\n  - port: 3000\n    name: web\n    visibility: public\n";
    let mut installation = Installation::fresh();
    let repository = Repository::with(&[(".gitpod.yml", configuration)]);
    let id = installation.create(&repository.url());
    let shown = |installation: &Installation, port: &str| {
        let list = installation.exec(&id, &["/.supervisor/gp", "ports", "list"]);
        let of_port = |line: &&str| line.split_whitespace().next() == Some(port);
        list.lines().find(of_port).unwrap_or_default().to_owned()
    };
    let choose = |installation: &Installation, port: &str, how: &str| {
        let output = installation.gitpod(&["workspace", "port", &id, port, how]);
        assert!(output.status.success(), "{}", show(&output));
    };
    assert!(shown(&installation, "3000").contains("public"));
    choose(&installation, "3000", "--private");
    until("the configured port is shown as private", || {
        shown(&installation, "3000").contains("private")
    });
    choose(&installation, "9000", "--public");
    until("a port that nobody serves yet is shown as public", || {
        shown(&installation, "9000").contains("not served, public")
    });
    installation.kill();
    installation.start();
    choose(&installation, "9000", "--private");
    until("a server that was started anew tells, too", || {
        shown(&installation, "9000").contains("not served, private")
    });
    assert!(shown(&installation, "3000").contains("private"));
}
