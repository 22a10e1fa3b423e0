//! What the page asks for, beside its files and sockets.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use gitpod_core::proto::supervisor::Terminal;
use serde::Serialize;
use tonic::{Code, Status};

use super::link::Link;

/// A terminal, as the page knows it.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    alias: String,
    title: String,
    /// Name of the task that runs in it; empty for a shell that a person opened.
    task: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Listing {
    terminals: Vec<Item>,
}

/// Where the page is, for its header and the way back.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Place {
    workspace: String,
    host: String,
    folder: String,
}

pub(super) type Refusal = (StatusCode, String);

impl Place {
    /// From the environment that every process of a workspace has.
    pub(super) fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        let var = |name| var(name).unwrap_or_default();
        let host = var("GITPOD_HOST");
        Self {
            workspace: var("GITPOD_WORKSPACE_ID"),
            // It becomes a link.
            host: if host.starts_with("http://") || host.starts_with("https://") {
                host
            } else {
                String::new()
            },
            folder: var("GITPOD_REPO_ROOT"),
        }
    }
}

pub(super) async fn workspace(State(place): State<Place>) -> Json<Place> {
    Json(place)
}

pub(super) async fn list(State(link): State<Link>) -> Result<Json<Listing>, Refusal> {
    let terminals = link.list().await.map_err(refusal)?;
    // Names only decorate: a supervisor that knows no tasks yet still has terminals.
    let tasks = link.task_names().await.unwrap_or_default();
    let mut terminals: Vec<_> = terminals
        .into_iter()
        .map(|terminal| item(terminal, &tasks))
        .collect();
    terminals.sort_by_key(|item| item.task.is_empty());
    Ok(Json(Listing { terminals }))
}

pub(super) async fn open(State(link): State<Link>) -> Result<Json<Item>, Refusal> {
    let terminal = link.open().await.map_err(refusal)?;
    Ok(Json(item(terminal, &HashMap::new())))
}

pub(super) async fn close(
    State(link): State<Link>,
    Path(alias): Path<String>,
) -> Result<StatusCode, Refusal> {
    link.close(alias).await.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

fn item(terminal: Terminal, tasks: &HashMap<String, String>) -> Item {
    Item {
        task: tasks.get(&terminal.alias).cloned().unwrap_or_default(),
        alias: terminal.alias,
        title: terminal.title,
    }
}

pub(super) fn refusal(status: Status) -> Refusal {
    let code = match status.code() {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::InvalidArgument | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::BAD_GATEWAY,
    };
    (code, format!("{}\n", status.message()))
}
