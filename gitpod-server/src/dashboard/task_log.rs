//! Output of a task, as it is written: from the task's terminal in the supervisor, through the platform, to the page.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use gitpod_core::proto::supervisor::listen_terminal_response::Output;
use gitpod_core::proto::supervisor::terminal_service_client::TerminalServiceClient;
use gitpod_core::proto::supervisor::{ListenTerminalRequest, ListenTerminalResponse};
use gitpod_core::workspace::Phase;
use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use hyper_util::rt::TokioIo;
use tonic::codegen::Bytes;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::problem::Problem;
use super::router::Dashboard;
use super::visitor::Visitor;
use crate::Platform;
use crate::proxy::SUPERVISOR_PORT;

const TEXT: &str = "text/plain; charset=utf-8";

/// Streams what the task has written and what it writes, as it is, escape sequences included. Ends with the task.
///
/// For the owner only, since output may hold whatever the workspace does. Of a workspace that does not run, what is kept of the last
/// run; 204 when there is nothing.
pub(super) async fn stream(
    State(state): State<Dashboard>,
    visitor: Visitor,
    Path((id, task)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = WorkspaceId::parse(&id)?;
    let platform = &state.platform;
    let workspace = platform.get(&visitor.principal, &id).await?;
    if workspace.status.phase != Phase::Stopped {
        // Asked for its access check: whoever may have the token may read the terminals.
        platform.owner_token(&visitor.principal, &id).await?;
    }
    let tasks = workspace
        .status
        .instance
        .map(|instance| instance.tasks)
        .unwrap_or_default();
    let task = tasks
        .into_iter()
        .find(|known| known.id == task)
        .ok_or_else(|| Error::not_found("there is no such task"))?;
    let Some(alias) = task.terminal else {
        return Ok(
            match platform
                .task_output(&visitor.principal, &id, &task.id)
                .await?
            {
                Some(output) => ([(CONTENT_TYPE, TEXT)], output).into_response(),
                None => StatusCode::NO_CONTENT.into_response(),
            },
        );
    };
    let mut terminals = TerminalServiceClient::new(connect(platform.clone(), id).await?);
    let output = match terminals.listen(ListenTerminalRequest { alias }).await {
        Ok(answer) => answer.into_inner(),
        Err(status) if status.code() == tonic::Code::NotFound => {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        Err(status) => {
            return Err(Problem(
                unavailable("cannot listen to the terminal").with_source(status),
            ));
        }
    };
    let bytes = output
        .filter_map(|message| std::future::ready(data(message)))
        .take_until(state.proxy.closed());
    let body = Body::from_stream(bytes);
    Ok(([(CONTENT_TYPE, TEXT)], body).into_response())
}

/// The bytes of a message; titles and exit codes are shown elsewhere.
fn data(
    message: Result<ListenTerminalResponse, tonic::Status>,
) -> Option<Result<Bytes, tonic::Status>> {
    match message.map(|message| message.output) {
        Ok(Some(Output::Data(data))) => Some(Ok(data)),
        Ok(Some(Output::ExitCode(_) | Output::Title(_)) | None) => None,
        Err(status) => Some(Err(status)),
    }
}

async fn connect(platform: Platform, id: WorkspaceId) -> Result<Channel> {
    let dial = service_fn(move |_| {
        let (platform, id) = (platform.clone(), id.clone());
        async move { platform.dial(&id, SUPERVISOR_PORT).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://supervisor")
        .connect_with_connector(dial)
        .await
        .map_err(|e| unavailable("cannot reach the supervisor").with_source(e))
}

fn unavailable(message: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, message)
        .with_hint("the workspace may be starting or stopping; try again in a moment")
}
