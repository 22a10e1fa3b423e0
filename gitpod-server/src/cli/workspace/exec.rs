use std::convert::Infallible;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use bytes::Bytes;
use gitpod_core::proto::supervisor::exec_request::Message as Ask;
use gitpod_core::proto::supervisor::exec_response::Message as Tell;
use gitpod_core::proto::supervisor::exec_service_client::ExecServiceClient;
use gitpod_core::proto::supervisor::{ExecExit, ExecRequest, ExecResponse, ExecStart};
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use crate::cli::arguments::Exec;
use crate::cli::connection::{Connection, Supervisor};
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;
use crate::cli::table::plain;
use crate::cli::terminal::Raw;

/// Requests that wait for the network; input is read no faster.
const QUEUED: usize = 16;
/// Bytes of input read at once.
const CHUNK: usize = 16 * 1024;

/// Runs a command with this process' input, output and signals, and ends with its exit code.
pub(super) async fn run(connection: &Connection, options: Exec) -> Result<ExitCode, Failure> {
    let workspace = connection.workspace(&options.id).await?;
    let supervisor = connection.supervisor(&workspace).await?;
    let interactive = !options.no_pty && io::stdin().is_terminal() && io::stdout().is_terminal();
    let raw = interactive.then(Raw::start).transpose()?;
    let ended = call(&supervisor, options, raw.as_ref()).await;
    drop(raw); // the terminal is the person's again before anything is said
    let exit = ended?;
    if !exit.message.is_empty() {
        output::note(format_args!("gitpod: {}", plain(&exit.message)));
    }
    Ok(ExitCode::from(u8::try_from(exit.code).unwrap_or(1)))
}

async fn call(
    supervisor: &Supervisor,
    options: Exec,
    raw: Option<&Raw>,
) -> Result<ExecExit, Failure> {
    let start = ExecStart {
        argv: options.command,
        env: options.env.into_iter().collect(),
        cwd: options.cwd,
        pty: raw.and_then(Raw::size),
        root: false,
    };
    let (requests, queue) = mpsc::channel(QUEUED);
    let asked = send(&requests, Ask::Start(start)).await;
    debug_assert!(asked, "the queue is empty and open");
    let mut client =
        ExecServiceClient::with_origin(supervisor.transport.clone(), supervisor.origin.clone());
    let request = supervisor.request(ReceiverStream::new(queue));
    let answers = client.exec(request).await.map_err(not_begun)?.into_inner();
    // Side by side: output that nobody reads must not hold up input and signals.
    tokio::select! {
        ended = print(answers) => ended,
        never = feed(requests, raw) => match never? {},
    }
}

/// Prints what the command writes, until it ends.
async fn print(mut answers: Streaming<ExecResponse>) -> Result<ExecExit, Failure> {
    let (mut stdout, mut stderr) = (tokio::io::stdout(), tokio::io::stderr());
    while let Some(answer) = answers.message().await.map_err(not_begun)? {
        match answer.message {
            Some(Tell::Stdout(data)) => pass(&mut stdout, &data).await?,
            Some(Tell::Stderr(data)) => pass(&mut stderr, &data).await?,
            Some(Tell::Exit(exit)) => return Ok(exit),
            Some(Tell::Pid(_)) | None => {}
        }
    }
    Err(Failure::new(
        Exit::Unavailable,
        "the connection ended before the command did",
    )
    .with_hint("the command was ended too; look: `gitpod workspace get`"))
}

/// As shells have it: 127 when there is no such command. The workspace itself was found before.
fn not_begun(status: Status) -> Failure {
    let no_command = status.code() == Code::NotFound && status.message().starts_with("cannot run ");
    let mut failure = Failure::from(status);
    if no_command {
        failure.exit = Exit::NoCommand;
    }
    failure
}

async fn pass(to: &mut (impl AsyncWrite + Unpin), data: &[u8]) -> Result<(), Failure> {
    let written = async {
        to.write_all(data).await?;
        to.flush().await
    };
    written.await.map_err(|e| match e.kind() {
        // Whoever read has enough (`| head`); there is nobody to tell.
        io::ErrorKind::BrokenPipe => Failure::new(Exit::Failed, ""),
        _ => Failure::io("cannot pass on the command's output", &e),
    })
}

/// Sends input, signals and sizes until the input ends; then signals and sizes alone.
async fn feed(
    requests: mpsc::Sender<ExecRequest>,
    raw: Option<&Raw>,
) -> Result<Infallible, Failure> {
    let watch = |kind| signal(kind).map_err(|e| Failure::io("cannot listen for signals", &e));
    let mut resized = watch(SignalKind::window_change())?;
    let mut interrupt = watch(SignalKind::interrupt())?;
    let mut terminate = watch(SignalKind::terminate())?;
    let mut stdin = tokio::io::stdin();
    let mut buffer = vec![0; CHUNK];
    let mut open = true;
    loop {
        let message = tokio::select! {
            read = stdin.read(&mut buffer), if open => match read {
                Ok(n) if n > 0 => Ask::Stdin(Bytes::copy_from_slice(&buffer[..n])),
                // The end, told by an empty message.
                _ => {
                    open = false;
                    Ask::Stdin(Bytes::new())
                }
            },
            () = next(&mut resized), if raw.is_some() => match raw.and_then(Raw::size) {
                Some(size) => Ask::Resize(size),
                None => continue,
            },
            () = next(&mut interrupt) => Ask::Signal(SignalKind::interrupt().as_raw_value()),
            () = next(&mut terminate) => Ask::Signal(SignalKind::terminate().as_raw_value()),
        };
        if !send(&requests, message).await {
            // The call is over; the answers say how.
            return std::future::pending().await;
        }
    }
}

async fn next(signals: &mut Signal) {
    if signals.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn send(requests: &mpsc::Sender<ExecRequest>, message: Ask) -> bool {
    let request = ExecRequest {
        message: Some(message),
    };
    requests.send(request).await.is_ok()
}
