use std::time::Duration;

use gitpod_core::proto::supervisor::SupervisorStatusRequest;
use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::task::TaskSpec;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::editor::{status as editor_status, with_terminal_editor};
use crate::harness::{PATIENCE, Setup, until};

/// A workspace with everything that can be stubborn.
fn stubborn() -> Setup {
    let editor = json!({
        "name": "sleepy",
        "entrypoint": "/bin/sh",
        "entrypointArgs": ["-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
    });
    let tasks = [
        TaskSpec::new("0", "server", "sleep 1000"),
        TaskSpec::new(
            "1",
            "daemon",
            "setsid sh -c \"trap '' HUP; sleep 1000\" & sleep 1000",
        ),
        TaskSpec::new(
            "2",
            "deaf",
            "setsid sh -c \"trap '' HUP TERM; while :; do sleep 1; done\" & sleep 1000",
        ),
    ];
    Setup::new().editor(&editor).tasks(&tasks)
}

#[tokio::test]
async fn the_end_is_orderly_and_nothing_stays() {
    let setup = stubborn().env("GITPOD_TERMINATION_GRACE_PERIOD_SECONDS", "5");
    let mut agent = setup.start();
    until("everything runs", async || {
        (agent.processes().len() >= 10).then_some(())
    })
    .await;
    let mut client = StatusServiceClient::new(agent.channel());
    let waiting = tokio::spawn(async move {
        let request = SupervisorStatusRequest {
            will_shutdown: true,
        };
        client
            .supervisor_status(request)
            .await
            .map(|answer| answer.into_inner().ok)
    });
    // The question is on its way before the end begins: another answer on the same server came back.
    let mut client = StatusServiceClient::new(agent.channel());
    let request = SupervisorStatusRequest {
        will_shutdown: false,
    };
    assert!(
        client
            .supervisor_status(request)
            .await
            .unwrap()
            .into_inner()
            .ok
    );

    let started = Instant::now();
    let status = agent.stop().await;
    assert_eq!(status.code(), Some(0));
    assert!(
        started.elapsed() < Duration::from_secs(6),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(agent.processes(), [] as [i32; 0]);
    assert!(timeout(PATIENCE, waiting).await.unwrap().unwrap().unwrap());
}

#[tokio::test]
async fn a_quiet_workspace_ends_at_once() {
    let mut agent = Setup::new()
        .tasks(&[TaskSpec::new("0", "shell", "")])
        .start();
    until("the shell runs", async || {
        (agent.processes().len() == 2).then_some(())
    })
    .await;
    let started = Instant::now();
    assert_eq!(agent.stop().await.code(), Some(0));
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(agent.processes(), [] as [i32; 0]);
}

#[tokio::test]
async fn an_editor_that_obeys_is_not_waited_for() {
    let mut agent = with_terminal_editor(Setup::new()).start();
    assert!(editor_status(&agent, true).await.ok);
    let started = Instant::now();
    assert_eq!(agent.stop().await.code(), Some(0));
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(agent.processes(), [] as [i32; 0]);
}

#[tokio::test]
async fn orphans_are_reaped() {
    let task = TaskSpec::new(
        "0",
        "orphans",
        "for i in 1 2 3; do (setsid sleep 1000 &) ; done",
    );
    let agent = Setup::new().tasks(&[task]).start();
    // The subshells in between come and go: only the sleeps are counted.
    let sleeps = || -> Vec<i32> {
        let is_sleep = |pid: &i32| {
            std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "sleep\n")
        };
        agent.processes().into_iter().filter(is_sleep).collect()
    };
    let orphans = until("they run", async || {
        let pids = sleeps();
        (pids.len() == 3).then_some(pids)
    })
    .await;
    for pid in orphans {
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        // A zombie keeps its directory; one that was reaped has none.
        let gone = async || (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(());
        until("it is reaped", gone).await;
    }
}
