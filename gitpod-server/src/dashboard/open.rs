//! From the platform into a workspace.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use gitpod_core::{ErrorKind, WorkspaceId};
use serde::Deserialize;

use super::problem::Problem;
use super::router::Dashboard;
use super::visitor::Visitor;

/// Where to, in the workspace.
#[derive(Deserialize)]
pub(super) struct Place {
    port: Option<u16>,
    #[serde(default)]
    next: String,
}

/// Hands the signed-in owner over to the workspace's own host. One that does not run shows its start page instead.
pub(super) async fn enter(
    State(state): State<Dashboard>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let id = WorkspaceId::parse(&id)?;
    match state
        .proxy
        .entrance(&visitor.principal, &id, place.port, &place.next)
        .await
    {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(error) if error.kind() == ErrorKind::FailedPrecondition => {
            Ok(Redirect::to(&format!("/start/{id}")).into_response())
        }
        Err(error) => Err(Problem(error)),
    }
}
