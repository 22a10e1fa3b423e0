use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use gitpod_core::proto::supervisor as wire;
use gitpod_core::proto::supervisor::exec_request::Message as Asked;
use gitpod_core::proto::supervisor::exec_response::Message as Told;
use gitpod_core::proto::supervisor::exec_service_server::ExecService;
use rustix::process::Signal;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::convert;
use super::observe::Answers;
use super::state::State;
use crate::supervisor::account::Account;
use crate::supervisor::environment;
use crate::supervisor::exec::{ExecIo, ExecOptions, Input, Running, Written, start};
use crate::supervisor::oom::{self, Kills};
use crate::supervisor::presence::Presence;
use crate::supervisor::process::{Exit, Program, wait};

/// Responses that wait for a slow client; the command waits with them.
const WAITING: usize = 16;
/// Input that waits for a command that does not read it; more is left with the client.
const MOST_INPUT: usize = 1 << 20;
/// After the end of a command, how long something it left behind may hold its output open without writing.
const LINGER: Duration = Duration::from_millis(100);

/// `supervisor.ExecService`.
#[derive(Debug)]
pub(super) struct Exec(pub(super) State);

#[tonic::async_trait]
impl ExecService for Exec {
    type ExecStream = Answers<wire::ExecResponse>;

    async fn exec(
        &self,
        request: Request<Streaming<wire::ExecRequest>>,
    ) -> Result<Response<Self::ExecStream>, Status> {
        let mut requests = request.into_inner();
        let first = requests
            .message()
            .await?
            .and_then(|request| request.message);
        let Some(Asked::Start(wanted)) = first else {
            return Err(Status::invalid_argument(
                "the first message must be `start`",
            ));
        };
        let options = options(&self.0, wanted)?;
        let name = options.program.argv[0].clone();
        let before = Kills::now();
        let (running, output, input) = start(&self.0.processes, options)
            .map_err(|error| convert::trouble(&format!("run {name}"), &error))?;
        let presence = Arc::clone(&self.0.presence);
        presence.note();
        let (responses, receiver) = mpsc::channel(WAITING);
        let client = Client {
            requests,
            responses,
            presence,
        };
        tokio::spawn(carry(running, output, input, client, before));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

fn options(state: &State, wanted: wire::ExecStart) -> Result<ExecOptions, Status> {
    if wanted.argv.first().is_none_or(String::is_empty) {
        return Err(Status::invalid_argument("the program is missing"));
    }
    let user = &state.user;
    let mut env = user.env.clone();
    let mut account = user.account.clone();
    if wanted.root {
        account = Account::root();
        environment::set(&mut env, "HOME", "/root");
        environment::set(&mut env, "USER", "root");
        environment::set(&mut env, "LOGNAME", "root");
    }
    environment::extend(&mut env, &wanted.env);
    Ok(ExecOptions {
        program: Program {
            argv: wanted.argv,
            env,
            cwd: if wanted.cwd.is_empty() {
                user.directory.clone()
            } else {
                PathBuf::from(wanted.cwd)
            },
            account,
        },
        pty: wanted.pty.map(convert::size),
    })
}

/// Who asked for a command.
struct Client {
    requests: Streaming<wire::ExecRequest>,
    responses: Responses,
    presence: Arc<Presence>,
}

type Responses = mpsc::Sender<Result<wire::ExecResponse, Status>>;

/// The client went away.
struct Gone;

async fn tell(responses: &Responses, message: Told) -> Result<(), Gone> {
    let response = wire::ExecResponse {
        message: Some(message),
    };
    responses.send(Ok(response)).await.map_err(|_| Gone)
}

/// Carries input to the command and its output to the client, until it ends or the client goes away.
async fn carry(running: Running, mut output: ExecIo, input: Input, client: Client, before: Kills) {
    let Client {
        requests,
        responses,
        presence,
    } = client;
    let pid = running.pid.as_raw_nonzero().get().into();
    if tell(&responses, Told::Pid(pid)).await.is_err() {
        return;
    }
    let mut exit = running.exit.clone();
    let complete = tokio::select! {
        () = listen(&running, input, requests, &presence) => false,
        complete = speak(&mut exit, &mut output, &responses) => complete,
        // Output that the client does not take must not hide that it went away.
        () = responses.closed() => false,
    };
    if complete {
        let exit = wait(&mut exit).await;
        let message = oom::explain(exit.code(), before)
            .trim_start_matches(": ")
            .to_owned();
        let last = Told::Exit(wire::ExecExit {
            code: exit.code(),
            signal: exit.signal(),
            message,
        });
        // Nobody is left to tell if this fails.
        let _ = tell(&responses, last).await;
    }
}

/// Passes on output until the command has ended and said everything (true) or the client went away (false).
async fn speak(
    exit: &mut watch::Receiver<Option<Exit>>,
    output: &mut ExecIo,
    responses: &Responses,
) -> bool {
    let mut ended = false;
    loop {
        let written = if ended {
            timeout(LINGER, output.next()).await.unwrap_or(None)
        } else {
            tokio::select! {
                written = output.next() => written,
                _ = wait(exit) => {
                    ended = true;
                    continue;
                }
            }
        };
        let message = match written {
            Some(Written::Stdout(data)) => Told::Stdout(data),
            Some(Written::Stderr(data)) => Told::Stderr(data),
            None => return true,
        };
        if tell(responses, message).await.is_err() {
            return false;
        }
    }
}

/// Does what the client asks; returns when the client has gone away. The mere end of its requests is the end of the input.
///
/// A command that does not read its input holds back neither signals nor sizes, up to [`MOST_INPUT`].
async fn listen(
    running: &Running,
    mut input: Input,
    mut requests: Streaming<wire::ExecRequest>,
    presence: &Presence,
) {
    let mut waiting = VecDeque::new();
    let mut bytes = 0;
    let mut open = true;
    loop {
        let asked = tokio::select! {
            asked = requests.message(), if open && bytes < MOST_INPUT => asked,
            taken = feed(&mut input, waiting.front()), if !waiting.is_empty() => {
                bytes -= advance(&mut waiting, taken);
                continue;
            }
            else => return std::future::pending().await,
        };
        match asked.map(|request| request.map(|request| request.message)) {
            Ok(Some(Some(Asked::Stdin(data)))) => {
                presence.note();
                bytes += data.len();
                waiting.push_back(data);
            }
            Ok(Some(Some(Asked::Resize(size)))) => input.resize(convert::size(size)),
            Ok(Some(Some(Asked::Signal(number)))) => {
                if let Some(signal) = Signal::from_named_raw(number) {
                    running.signal(signal);
                }
            }
            Ok(Some(Some(Asked::Start(_)) | None)) => {}
            Ok(None) => {
                open = false;
                if matches!(input, Input::Pipe(_)) {
                    waiting.push_back(Bytes::new());
                }
            }
            Err(_) => return,
        }
    }
}

/// Gives the command some of `data`; `None` when it reads no more.
async fn feed(input: &mut Input, data: Option<&Bytes>) -> Option<usize> {
    input.write(data?).await.ok()
}

/// Removes what was taken; what a command does not want, it does not get. Returns how much was removed.
fn advance(waiting: &mut VecDeque<Bytes>, taken: Option<usize>) -> usize {
    let Some(front) = waiting.front_mut() else {
        return 0;
    };
    let taken = taken.unwrap_or(front.len());
    front.advance(taken);
    if front.is_empty() {
        waiting.pop_front();
    }
    taken
}
