//! A supervisor's `exec` without a supervisor.

use std::process::Stdio;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_core::proto::supervisor::exec_request::Message as Ask;
use gitpod_core::proto::supervisor::exec_response::Message as Tell;
use gitpod_core::proto::supervisor::exec_service_server::ExecService;
use gitpod_core::proto::supervisor::{ExecExit, ExecRequest, ExecResponse};
use gitpod_server::Platform;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tonic::{Request, Response, Status, Streaming};

/// What the supervisor does for `exec`, with processes of this machine: for the client's side of it.
#[derive(Debug)]
pub(crate) struct LocalExec(pub(crate) Platform);

impl LocalExec {
    /// As the proxy: the workspace is named by the host, the token is its owner's.
    async fn admit(&self, request: &Request<Streaming<ExecRequest>>) -> Result<(), Status> {
        let sent = request.metadata().get("x-gitpod-owner-token");
        let mut all = gitpod_core::store::Query::default();
        all.limit = 10;
        let workspaces = self.0.store().list(&all).await.unwrap();
        let known = workspaces.iter().any(|workspace| {
            let instance = workspace.status.instance.as_ref();
            let token = instance.map(|instance| instance.owner_token.expose().as_bytes());
            token.is_some() && token == sent.map(tonic::metadata::AsciiMetadataValue::as_bytes)
        });
        if known {
            Ok(())
        } else {
            Err(Status::unauthenticated("no owner token"))
        }
    }
}

#[tonic::async_trait]
impl ExecService for LocalExec {
    type ExecStream = BoxStream<'static, Result<ExecResponse, Status>>;

    async fn exec(
        &self,
        request: Request<Streaming<ExecRequest>>,
    ) -> Result<Response<Self::ExecStream>, Status> {
        self.admit(&request).await?;
        let mut requests = request.into_inner();
        let Some(Ask::Start(start)) = requests.message().await?.and_then(|r| r.message) else {
            return Err(Status::invalid_argument("the first request is no start"));
        };
        let mut child = Command::new(&start.argv[0])
            .args(&start.argv[1..])
            .envs(&start.env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Status::not_found(format!("cannot run {}: {e}", start.argv[0])))?;
        let pid = rustix::process::Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
        let mut stdin = child.stdin.take();
        tokio::spawn(async move {
            while let Ok(Some(request)) = requests.message().await {
                match request.message {
                    Some(Ask::Stdin(data)) if data.is_empty() => stdin = None,
                    Some(Ask::Stdin(data)) => {
                        if let Some(stdin) = &mut stdin {
                            let _ = stdin.write_all(&data).await;
                        }
                    }
                    Some(Ask::Signal(15)) => {
                        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
                    }
                    other => panic!("not expected: {other:?}"),
                }
            }
        });
        let out = reader(child.stdout.take().unwrap(), Tell::Stdout);
        let err = reader(child.stderr.take().unwrap(), Tell::Stderr);
        let end = futures::stream::once(async move {
            let status = child.wait().await.unwrap();
            Tell::Exit(ExecExit {
                code: status.code().unwrap_or(-1),
                ..ExecExit::default()
            })
        });
        let all = futures::stream::select(out, err).chain(end);
        let answers = all.map(|message| {
            Ok(ExecResponse {
                message: Some(message),
            })
        });
        Ok(Response::new(answers.boxed()))
    }
}

fn reader(
    from: impl tokio::io::AsyncRead + Send + 'static,
    tell: fn(bytes::Bytes) -> Tell,
) -> BoxStream<'static, Tell> {
    tokio_util::io::ReaderStream::new(from)
        .map(move |chunk| tell(chunk.unwrap()))
        .boxed()
}
