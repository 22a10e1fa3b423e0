use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::proto::supervisor::task_service_client::TaskServiceClient;
use gitpod_core::proto::supervisor::terminal_service_client::TerminalServiceClient;
use gitpod_core::proto::supervisor::{
    ListenToOutputRequest, TaskState, TaskStatus, TasksStatusRequest, WriteTerminalRequest,
};
use gitpod_core::task::TaskSpec;
use tokio::time::timeout;

use crate::harness::{Agent, PATIENCE, Setup};
use crate::terminal::hear;

/// Waits until the tasks are as `right` wants them.
async fn until(agent: &Agent, right: impl Fn(&[TaskStatus]) -> bool) -> Vec<TaskStatus> {
    let request = TasksStatusRequest { observe: true };
    let mut client = StatusServiceClient::new(agent.channel());
    let mut stream = client.tasks_status(request).await.unwrap().into_inner();
    let mut last = Vec::new();
    let wait = async {
        loop {
            last = stream.message().await.unwrap().unwrap().tasks;
            if right(&last) {
                return;
            }
        }
    };
    let found = timeout(PATIENCE, wait).await.is_ok();
    assert!(found, "the tasks never get there: {last:#?}");
    last
}

fn is_told(task: &TaskStatus) -> bool {
    task.exit_code.is_some()
}

#[tokio::test]
async fn a_failed_task_says_so_and_its_terminal_stays_usable() {
    let task = TaskSpec::new("0", "build", "echo begin-$((1+1)); KEPT=41; sh -c 'exit 7'");
    let agent = Setup::new().tasks(&[task]).start();
    let tasks = until(&agent, |tasks| tasks.iter().all(is_told)).await;
    assert_eq!(tasks[0].exit_code, Some(7));
    assert_eq!(tasks[0].state(), TaskState::Running);
    assert_eq!(tasks[0].failure, "build ended with exit code 7");
    assert_eq!(tasks[0].presentation.as_ref().unwrap().name, "build");

    let mut terminals = TerminalServiceClient::new(agent.channel());
    let alias = tasks[0].terminal.clone();
    let stdin = "echo answer-$((KEPT+1))\n".into();
    let request = WriteTerminalRequest {
        alias: alias.clone(),
        stdin,
    };
    terminals.write(request).await.unwrap();
    let heard = hear(&agent, &alias, |text| text.contains("answer-42")).await;
    assert!(heard.contains("begin-2"), "{heard}");
    assert!(
        !heard.contains("gitpod-task"),
        "the mark is taken out: {heard}"
    );
}

#[tokio::test]
async fn tasks_get_their_environment_and_run_beside_each_other() {
    let mut first = TaskSpec::new("0", "first", "test \"$A\" = 'it'\\''s \"a\"' && echo fine");
    first.env = vec![(String::from("A"), String::from("it's \"a\""))];
    let second = TaskSpec::new("1", "second", "false && echo never");
    let plain = TaskSpec::new("2", "plain", "");
    let agent = Setup::new().tasks(&[first, second, plain]).start();
    let tasks = until(&agent, |tasks| tasks[..2].iter().all(is_told)).await;
    let codes: Vec<_> = tasks.iter().map(|task| task.exit_code).collect();
    assert_eq!(codes, [Some(0), Some(1), None]);
    assert_eq!(tasks[0].failure, "");
    assert_eq!(tasks[2].state(), TaskState::Running);
}

#[tokio::test]
async fn a_task_that_ends_its_shell_is_closed_and_its_output_stays() {
    let task = TaskSpec::new("0", "short", "echo last-$((1+1))-words; exit 3");
    let agent = Setup::new().tasks(&[task]).start();
    let closed = |tasks: &[TaskStatus]| tasks[0].state() == TaskState::Closed;
    let tasks = until(&agent, closed).await;
    assert_eq!(tasks[0].exit_code, Some(3));

    let request = ListenToOutputRequest {
        task_id: String::from("0"),
        until_now: false,
    };
    let mut client = TaskServiceClient::new(agent.channel());
    let mut stream = client.listen_to_output(request).await.unwrap().into_inner();
    let mut output = Vec::new();
    while let Some(part) = stream.message().await.unwrap() {
        output.extend_from_slice(&part.data);
    }
    let output = String::from_utf8_lossy(&output);
    assert!(output.contains("last-2-words"), "{output}");
}

#[tokio::test]
async fn an_interrupt_leads_from_a_running_task_to_the_prompt() {
    let task = TaskSpec::new("0", "server", "echo up-$((1+1)); sleep 1000");
    let agent = Setup::new().tasks(&[task]).start();
    let tasks = until(&agent, |tasks| tasks[0].state() == TaskState::Running).await;
    let alias = tasks[0].terminal.clone();
    hear(&agent, &alias, |text| text.contains("up-2\r\n")).await;

    let mut terminals = TerminalServiceClient::new(agent.channel());
    for input in ["\u{3}", "echo still-$((1+1))-here\n"] {
        let stdin = input.into();
        let request = WriteTerminalRequest {
            alias: alias.clone(),
            stdin,
        };
        terminals.write(request).await.unwrap();
    }
    hear(&agent, &alias, |text| text.contains("still-2-here")).await;
}
