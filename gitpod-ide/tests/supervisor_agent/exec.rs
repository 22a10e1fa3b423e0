use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use gitpod_core::proto::supervisor::exec_request::Message as Ask;
use gitpod_core::proto::supervisor::exec_response::Message as Tell;
use gitpod_core::proto::supervisor::exec_service_client::ExecServiceClient;
use gitpod_core::proto::supervisor::{
    ExecExit, ExecRequest, ExecResponse, ExecStart, TerminalSize,
};
use tokio::runtime::Builder;
use tokio::time::timeout;
use tonic::{Code, Status, Streaming};

use crate::harness::{Agent, PATIENCE, Setup, until};

fn command(argv: &[&str]) -> ExecStart {
    ExecStart {
        argv: argv.iter().map(|&argument| argument.to_owned()).collect(),
        ..ExecStart::default()
    }
}

async fn exec(
    agent: &Agent,
    asks: Vec<Ask>,
    more: bool,
) -> Result<Streaming<ExecResponse>, Status> {
    let requests = stream::iter(
        asks.into_iter()
            .map(|ask| ExecRequest { message: Some(ask) }),
    );
    let mut client = ExecServiceClient::new(agent.channel());
    let response = if more {
        let open = futures::StreamExt::chain(requests, stream::pending());
        client.exec(open).await
    } else {
        client.exec(requests).await
    };
    response.map(tonic::Response::into_inner)
}

#[derive(Debug, Default)]
struct Outcome {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    exit: Option<ExecExit>,
}

async fn outcome(mut responses: Streaming<ExecResponse>) -> Outcome {
    let mut outcome = Outcome::default();
    let read = async {
        while let Some(response) = responses.message().await.unwrap() {
            match response.message.unwrap() {
                Tell::Pid(pid) => assert!(pid > 1),
                Tell::Stdout(data) => outcome.stdout.extend_from_slice(&data),
                Tell::Stderr(data) => outcome.stderr.extend_from_slice(&data),
                Tell::Exit(exit) => outcome.exit = Some(exit),
            }
        }
    };
    timeout(PATIENCE, read).await.unwrap();
    outcome
}

#[tokio::test]
async fn output_input_and_exit_code_are_passed() {
    let agent = Setup::new().start();
    let mut start = command(&["sh", "-c", "cat; echo \"$A\" >&2; exit 9"]);
    start.env = [(String::from("A"), String::from("to stderr"))].into();
    let big = vec![b'x'; 200_000];
    let asks = vec![
        Ask::Start(start),
        Ask::Stdin(b"first "[..].into()),
        Ask::Stdin(big.clone().into()),
        Ask::Stdin(Vec::new().into()),
    ];
    let outcome = outcome(exec(&agent, asks, true).await.unwrap()).await;
    assert_eq!(outcome.stdout, [b"first ".as_slice(), &big].concat());
    assert_eq!(outcome.stderr, b"to stderr\n");
    let exit = outcome.exit.unwrap();
    assert_eq!((exit.code, exit.signal), (9, 0));
}

#[tokio::test]
async fn a_signal_reaches_the_command() {
    let agent = Setup::new().start();
    let asks = vec![Ask::Start(command(&["sleep", "1000"])), Ask::Signal(15)];
    let outcome = outcome(exec(&agent, asks, true).await.unwrap()).await;
    let exit = outcome.exit.unwrap();
    assert_eq!((exit.code, exit.signal), (143, 15));
}

#[tokio::test]
async fn input_that_nobody_reads_does_not_hold_a_signal_back() {
    let agent = Setup::new().start();
    let asks = vec![
        Ask::Start(command(&["sleep", "1000"])),
        Ask::Stdin(vec![b'x'; 400_000].into()),
        Ask::Signal(2),
    ];
    let outcome = outcome(exec(&agent, asks, true).await.unwrap()).await;
    assert_eq!(outcome.exit.unwrap().signal, 2);
}

#[tokio::test]
async fn a_terminal_is_given_when_asked_for() {
    let agent = Setup::new().start();
    let size = |rows, cols| TerminalSize {
        rows,
        cols,
        width_px: 0,
        height_px: 0,
    };
    let mut start = command(&["sh", "-c", "stty size; read line; stty size; exit 4"]);
    start.pty = Some(size(30, 90));
    let asks = vec![
        Ask::Start(start),
        Ask::Resize(size(31, 91)),
        Ask::Stdin(b"\n"[..].into()),
    ];
    let outcome = outcome(exec(&agent, asks, true).await.unwrap()).await;
    let output = String::from_utf8(outcome.stdout).unwrap();
    assert!(output.contains("31 91"), "{output}");
    assert_eq!(outcome.exit.unwrap().code, 4);
}

#[tokio::test]
async fn what_cannot_be_run_is_said() {
    let agent = Setup::new().start();
    for (argv, code) in [
        (vec!["no-such-program-anywhere"], Code::NotFound),
        (vec!["/etc/passwd"], Code::PermissionDenied),
        (vec![], Code::InvalidArgument),
    ] {
        let status = exec(&agent, vec![Ask::Start(command(&argv))], true)
            .await
            .unwrap_err();
        assert_eq!(status.code(), code, "{argv:?}: {status}");
    }
    let status = exec(&agent, vec![Ask::Signal(9)], true).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_command_along() {
    let agent = Arc::new(Setup::new().start());
    let asks = vec![Ask::Start(command(&[
        "sh",
        "-c",
        "sleep 1000 & sleep 1000",
    ]))];
    // A client with an event loop of its own, which goes away with everything: as if it were killed.
    let client = std::thread::spawn({
        let agent = Arc::clone(&agent);
        move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let _responses = exec(&agent, asks, true).await.unwrap();
                let runs = async || (agent.processes().len() >= 3).then_some(());
                until("the command runs", runs).await;
            });
        }
    });
    client.join().unwrap();
    until("the command is gone", async || {
        (agent.processes().len() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn something_left_behind_does_not_hold_the_answer_back() {
    let agent = Setup::new().start();
    let asks = vec![Ask::Start(command(&["sh", "-c", "sleep 1000 & echo done"]))];
    let responses = exec(&agent, asks, false).await.unwrap();
    let outcome = timeout(Duration::from_secs(5), outcome(responses))
        .await
        .unwrap();
    assert_eq!(outcome.stdout, b"done\n");
    assert_eq!(outcome.exit.unwrap().code, 0);
}

#[tokio::test]
async fn root_is_given_when_asked_for() {
    let own = rustix::process::geteuid();
    // Without root of its own it has one user to give.
    let (user, root) = if own.is_root() {
        (33333, 0)
    } else {
        (own.as_raw(), own.as_raw())
    };
    let agent = Setup::new().start();
    for (root, uid) in [(false, user), (true, root)] {
        let mut start = command(&["id", "-u"]);
        start.root = root;
        let outcome = outcome(exec(&agent, vec![Ask::Start(start)], false).await.unwrap()).await;
        assert_eq!(
            String::from_utf8(outcome.stdout).unwrap(),
            format!("{uid}\n")
        );
    }
}
