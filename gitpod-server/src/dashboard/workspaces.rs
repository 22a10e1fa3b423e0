//! The list of workspaces.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use gitpod_core::store::Query;
use gitpod_core::workspace::Phase;

use super::frame::{Frame, render};
use super::problem::Problem;
use super::router::Dashboard;
use super::view::Row;
use super::visitor::Visitor;

/// Workspaces on the page; the search of the page works on these.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "dashboard/workspaces.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    running: usize,
    /// There are more than are shown.
    cut: bool,
}

/// Every workspace the visitor may see: running ones first, then the newest.
pub(super) async fn page(
    State(state): State<Dashboard>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let frame = Frame::live(&state, &visitor, "Workspaces")
        .await?
        .at("workspaces");
    let mut query = Query::default();
    query.limit = SHOWN + 1;
    let mut workspaces = state.platform.list(&visitor.principal, query).await?;
    let cut = workspaces.len() > SHOWN;
    workspaces.truncate(SHOWN);
    workspaces.sort_by_key(|workspace| {
        let is_stopped = workspace.status.phase == Phase::Stopped;
        (
            is_stopped,
            std::cmp::Reverse(workspace.created_at),
            workspace.id.clone(),
        )
    });
    let now = state.platform.clock().now();
    let rows: Vec<Row> = workspaces
        .iter()
        .map(|workspace| {
            Row::of(
                state.proxy.hosts(),
                workspace,
                state.platform.stops_at(workspace),
                now,
            )
        })
        .collect();
    let running = rows.iter().filter(|row| row.is_running).count();
    Ok(render(&Page {
        frame,
        rows,
        running,
        cut,
    }))
}
