//! What happens, as server-sent events: each has its sequence number, so that a browser resumes where it was cut off.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use gitpod_core::WorkspaceId;
use gitpod_core::access::Principal;
use gitpod_core::workspace::{Event, Sequence};
use http::header::{HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use serde::Deserialize;

use super::problem::Problem;
use super::router::Dashboard;
use crate::platform::subscription::MISSED;

/// A comment is sent this often, so that whatever lies between keeps the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often a stream checks that its session still is one.
const RECHECK: Duration = Duration::from_secs(10);

/// Which events.
#[derive(Deserialize)]
pub(super) struct Which {
    after: Option<u64>,
    workspace: Option<String>,
}

/// Events after `after` (or the `Last-Event-ID` of a resumed stream) that the caller may see.
///
/// # Behavior
/// The stream ends when the session or the server does. Who is not signed in gets 401: a stream cannot show a sign-in page.
pub(super) async fn stream(
    State(state): State<Dashboard>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let caller = state
        .authenticator
        .authenticate(&Method::GET, &headers, None)
        .await?;
    if matches!(caller.principal, Principal::Anonymous) {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    }
    let only = which
        .workspace
        .as_deref()
        .map(WorkspaceId::parse)
        .transpose()?;
    let resumed = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let after = match resumed.or(which.after) {
        Some(after) => Sequence(after),
        None => state.platform.last_sequence().await?,
    };
    let events = state
        .platform
        .subscribe(&caller.principal, after)
        // An error ends the stream; the browser resumes after the last event it got.
        .scan(state.platform.clone(), |platform, event| {
            let platform = platform.clone();
            async move {
                match event {
                    Ok(event) => Some(News::Event(event)),
                    Err(error) if error.kind() == MISSED => {
                        platform.last_sequence().await.ok().map(News::Resync)
                    }
                    Err(_) => None,
                }
            }
        })
        .filter_map(move |news| std::future::ready(news.message(only.as_ref())))
        .map(Ok::<_, Infallible>)
        .take_until(state.proxy.closed())
        .take_until(session_end(state, headers));
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    // Proxies in front must not collect the stream.
    response
        .headers_mut()
        .insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// What a browser is told.
enum News {
    Event(Event),
    /// It missed something that cannot be told any more: read everything again, then go on from here.
    Resync(Sequence),
}

impl News {
    fn message(&self, only: Option<&WorkspaceId>) -> Option<Message> {
        let (name, Sequence(id)) = match self {
            Self::Event(event) if only.is_some_and(|only| *only != event.workspace) => return None,
            Self::Event(event) => ("workspace", event.sequence),
            Self::Resync(sequence) => ("resync", *sequence),
        };
        let message = Message::default().event(name).id(id.to_string());
        // Events are plain data: their JSON form cannot fail.
        Some(match self {
            Self::Event(event) => message.json_data(event).unwrap_or_default(),
            Self::Resync(_) => message.data("{}"),
        })
    }
}

async fn session_end(state: Dashboard, headers: HeaderMap) {
    loop {
        tokio::time::sleep(RECHECK).await;
        match state
            .authenticator
            .authenticate(&Method::GET, &headers, None)
            .await
        {
            Ok(caller) => match caller.principal.user() {
                Some(user) if !user.blocked && !user.deleted => {}
                _ => return,
            },
            Err(error) => tracing::debug!(%error, "cannot check the session of an event stream"),
        }
    }
}
