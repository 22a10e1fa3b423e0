use std::fs;
use std::time::Duration;

use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::proto::supervisor::{IdeStatusRequest, IdeStatusResponse, WatchIdeRequest};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::time::timeout;

use crate::harness::{Agent, PATIENCE, Setup, until};

pub(crate) async fn status(agent: &Agent, wait: bool) -> IdeStatusResponse {
    let mut client = StatusServiceClient::new(agent.channel());
    let answer = timeout(PATIENCE, client.ide_status(IdeStatusRequest { wait })).await;
    answer.unwrap().unwrap().into_inner()
}

/// A real editor: the terminal editor, which is in the same executable.
pub(crate) fn with_terminal_editor(setup: Setup) -> Setup {
    let program = setup.path("editor-program");
    // Where the user may reach it, unlike the build directory.
    fs::copy(env!("CARGO_BIN_EXE_supervisor"), &program).unwrap();
    let assets = setup.path("assets");
    fs::create_dir(&assets).unwrap();
    fs::write(assets.join("index.html"), "<!doctype html>").unwrap();
    let config = json!({
        "name": "terminal",
        "displayName": "Terminal",
        "version": "1.2.3",
        "entrypoint": program,
        "entrypointArgs": ["terminal-editor", "--port", "{IDEPORT}", "--assets", assets],
        "readinessProbe": { "type": "http", "http": { "path": "/healthz" } },
    });
    setup.editor(&config)
}

/// The process whose arguments begin with the editor's program.
fn editor_pid(agent: &Agent) -> Option<Pid> {
    let program = agent.path("editor-program");
    let is_editor = |pid: &i32| {
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).starts_with(&*program.to_string_lossy())
    };
    agent
        .processes()
        .into_iter()
        .find(is_editor)
        .and_then(Pid::from_raw)
}

#[tokio::test]
async fn an_editor_becomes_ready_and_is_started_again_when_it_ends() {
    let agent = with_terminal_editor(Setup::new()).start();
    let ready = status(&agent, true).await;
    assert!(ready.ok, "{ready:?}");
    assert_eq!(
        (ready.name.as_str(), ready.version.as_str()),
        ("terminal", "1.2.3")
    );

    let first = editor_pid(&agent).unwrap();
    kill_process(first, Signal::KILL).unwrap();
    let again = until("it is ready again", async || {
        let status = status(&agent, false).await;
        (status.restarts == 1 && status.ok).then_some(status)
    });
    assert_eq!(again.await.failure, "");
    assert_ne!(editor_pid(&agent).unwrap(), first);
}

/// Answers like an editor; ends after an answer while a file is there.
const MORTAL: &str = r#"exec perl -MIO::Socket::INET -e '
    $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], ReuseAddr => 1) or die $@;
    $| = 1; print "my last words\n"; $n = 0;
    while ($c = $s->accept) {
        while (<$c>) { last if /^\r?$/ }
        print $c "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"; close $c;
        exit 9 if -e $ARGV[1];
    }' "$0" "$1""#;

#[tokio::test]
async fn an_editor_that_ends_again_and_again_is_reported_until_it_answers() {
    let setup = Setup::new();
    let poison = setup.path("poison");
    fs::write(&poison, "").unwrap();
    let config = json!({
        "name": "mortal",
        "displayName": "Mortal Code",
        "entrypoint": "/bin/sh",
        "entrypointArgs": ["-c", MORTAL, "{IDEPORT}", poison],
        "readinessProbe": { "type": "http", "http": { "path": "/" } },
    });
    let agent = setup.editor(&config).start();
    let mut client = StatusServiceClient::new(agent.channel());
    let answer = client.watch_ide(WatchIdeRequest {}).await.unwrap();
    let mut told = answer.into_inner();
    let mut was_ready = 0;
    let failed = timeout(PATIENCE, async {
        loop {
            let status = told.message().await.unwrap().unwrap();
            was_ready += u32::from(status.ok);
            if !status.failure.is_empty() {
                return status;
            }
        }
    });
    let failed = failed.await.unwrap();
    assert!(was_ready > 0 && !failed.ok, "{failed:?}");
    let how = "Mortal Code ended with exit code 9, ";
    assert!(
        failed.failure.starts_with(how) && failed.failure.ends_with(" times within 5 minutes"),
        "{}",
        failed.failure
    );
    assert_eq!(failed.log_tail, ["my last words"]);

    fs::remove_file(&poison).unwrap();
    let answers = timeout(PATIENCE, async {
        loop {
            let status = told.message().await.unwrap().unwrap();
            if status.ok {
                return status;
            }
        }
    });
    let answers = answers.await.unwrap();
    assert_eq!((answers.failure.as_str(), answers.log_tail.len()), ("", 0));
}

#[tokio::test]
async fn an_editor_that_ends_before_it_is_ready_is_given_up_with_its_last_words() {
    let config = json!({
        "name": "broken",
        "displayName": "Broken Code",
        "entrypoint": "/bin/sh",
        "entrypointArgs": ["-c", "echo cannot find my heart >&2; exit 3"],
        "readinessProbe": { "type": "http", "http": { "path": "/" } },
    });
    let agent = Setup::new().editor(&config).start();
    let failed = status(&agent, true).await;
    assert!(!failed.ok);
    assert_eq!(
        failed.failure,
        "Broken Code ended with exit code 3, 3 times, before it was ready"
    );
    assert_eq!(failed.log_tail, ["cannot find my heart"]);
}

#[tokio::test]
async fn an_editor_that_never_answers_is_reported() {
    let config = json!({
        "name": "mute",
        "entrypoint": "/bin/sh",
        "entrypointArgs": ["-c", "echo thinking; exec sleep 1000"],
        "readinessProbe": { "type": "http", "http": { "path": "/" } },
    });
    let setup = Setup::new().editor(&config);
    let agent = setup
        .env("SUPERVISOR_IDE_READY_TIMEOUT_SECONDS", "1")
        .start();
    let failed = timeout(Duration::from_secs(10), status(&agent, true))
        .await
        .unwrap();
    let said = "mute did not answer its readiness probe within 1 s: nothing listens on port ";
    assert!(failed.failure.starts_with(said), "{}", failed.failure);
    assert_eq!(failed.log_tail, ["thinking"]);
    assert_eq!(failed.restarts, 0);
}

#[tokio::test]
async fn a_missing_package_and_a_missing_program_are_told_apart() {
    let agent = Setup::new().start();
    let missing = status(&agent, true).await;
    assert!(
        missing.failure.starts_with("there is no editor: "),
        "{}",
        missing.failure
    );

    let config = json!({ "name": "ghost", "entrypoint": "/no/such/program" });
    let agent = Setup::new().editor(&config).start();
    let ghost = status(&agent, true).await;
    assert!(
        ghost.failure.contains("could not be started"),
        "{}",
        ghost.failure
    );
}
