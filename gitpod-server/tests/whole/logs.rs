//! Output of tasks, while a workspace runs and afterwards.

use std::io::{BufRead as _, BufReader};
use std::process::Output;

use crate::installation::{Installation, show, until};
use crate::repository::Repository;

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", show(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn what_tasks_wrote_outlives_the_run() {
    let configuration = "\
tasks:
  - name: Talk
    command: echo first words; trap 'echo last words; exit' HUP TERM; while sleep 0.2; do :; done
  - name: Other
    command: echo from the other
";
    let installation = Installation::fresh();
    let repository = Repository::with(&[(".gitpod.yml", configuration)]);
    let id = installation.create(&repository.url());
    let logs =
        |more: &[&str]| installation.gitpod(&[&["workspace", "logs", id.as_str()], more].concat());
    // Without --follow it ends by itself, whatever goes on in the terminals.
    until("both have spoken", || {
        let said = text(&logs(&[]));
        said.contains("Talk | first words") && said.contains("Other | from the other")
    });
    let mut follower =
        installation.spawn(&["workspace", "logs", &id, "--task", "Talk", "--follow"]);
    let mut reader = BufReader::new(follower.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("first words") {
        assert!(reader.read_line(&mut line).unwrap() > 0, "{line}");
    }
    let stopped = installation.gitpod(&["workspace", "stop", &id]);
    assert!(stopped.status.success(), "{}", show(&stopped));
    let ended = follower.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", show(&ended));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("the workspace stopped: requested"), "{said}");

    let said = text(&logs(&["--task", "Talk"]));
    assert!(
        said.contains("first words") && said.contains("last words"),
        "{said}"
    );
    let all = logs(&["--follow"]);
    assert!(
        text(&all).contains("Other | from the other") && show(&all).contains("is stopped"),
        "{}",
        show(&all)
    );
    let page = installation.page(&format!("/workspaces/{id}"));
    let address = format!("/workspaces/{id}/tasks/0/log");
    assert!(page.contains(&address), "{page}");
    assert!(installation.page(&address).contains("last words"));
}
