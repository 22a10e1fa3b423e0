use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State as Held;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures::StreamExt as _;
use serde_json::{Value, json};
use tonic::Status;

use super::observe::Answers;
use super::state::State;
use super::{info, json, status, terminal};

/// The REST side of the services, below `/_supervisor/v1`. Paths and shapes are the original's.
pub(super) fn router(state: State) -> Router {
    Router::new()
        .route("/status/supervisor", get(|state| supervisor(state, false)))
        .route(
            "/status/supervisor/willShutdown/true",
            get(|state| supervisor(state, true)),
        )
        .route("/status/ide", get(|state| editor(state, false)))
        .route("/status/ide/wait/true", get(|state| editor(state, true)))
        .route("/status/content", get(content))
        .route("/status/content/wait/true", get(content))
        .route(
            "/status/ports",
            get(async |Held(state): Held<State>| ports(&state, false)),
        )
        .route(
            "/status/ports/observe/true",
            get(async |Held(state): Held<State>| ports(&state, true)),
        )
        .route(
            "/status/tasks",
            get(async |Held(state): Held<State>| tasks(&state, false)),
        )
        .route(
            "/status/tasks/observe/true",
            get(async |Held(state): Held<State>| tasks(&state, true)),
        )
        .route("/status/resources", get(resources))
        .route("/info/workspace", get(workspace))
        .route("/terminal/list", get(terminals))
        .route("/send_heartbeat", get(heartbeat))
        .with_state(state)
}

async fn supervisor(Held(state): Held<State>, will_shutdown: bool) -> Json<Value> {
    let ok = status::supervisor(&state, will_shutdown).await;
    Json(json!({ "ok": ok }))
}

async fn editor(Held(state): Held<State>, wait: bool) -> Json<Value> {
    Json(json::editor(&status::editor(&state, wait).await))
}

async fn content() -> Json<Value> {
    Json(json::content(status::content()))
}

fn ports(state: &State, observe: bool) -> Response {
    stream(status::ports(state, observe), json::ports)
}

fn tasks(state: &State, observe: bool) -> Response {
    stream(status::tasks(state, observe), json::tasks)
}

async fn resources() -> Json<Value> {
    Json(json::resources(&status::usage().await))
}

async fn workspace(Held(state): Held<State>) -> Json<Value> {
    Json(json::info(&info::info(&state)))
}

async fn heartbeat(Held(state): Held<State>) -> Json<Value> {
    state.presence.note();
    Json(json!({}))
}

async fn terminals(Held(state): Held<State>) -> Json<Value> {
    Json(json::terminals(&terminal::list(&state)))
}

/// A stream is served as lines, each an object with a `result`.
fn stream<T: 'static>(answers: Answers<T>, convert: fn(&T) -> Value) -> Response {
    let lines = answers.map(move |answer| {
        answer.map(|answer| format!("{}\n", json!({ "result": convert(&answer) })))
    });
    let lines = lines.map(|line: Result<String, Status>| line.map_err(std::io::Error::other));
    (
        [("content-type", "application/json")],
        Body::from_stream(lines),
    )
        .into_response()
}
