//! A start, live: nine steps with their durations, and what to do when one fails.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use gitpod_core::WorkspaceId;
use gitpod_core::workspace::Phase;

use super::details::warnings;
use super::frame::{Frame, render};
use super::problem::Problem;
use super::router::Dashboard;
use super::view::{Row, StepRow};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "dashboard/start.html")]
struct Page {
    frame: Frame,
    row: Row,
    steps: Vec<StepRow>,
    heading: &'static str,
    /// The step under way, for those who do not see the rail; spoken when it changes.
    spoken: String,
    editor: String,
    editor_reason: String,
    warnings: Vec<String>,
    configured_by: String,
    remarks: Vec<String>,
    /// Where the page goes by itself; empty while there is nothing to open.
    go: String,
    /// Milliseconds since 1970 when this start was asked for, while it is under way.
    since: Option<i64>,
}

/// The page of a start. It never starts anything itself: a link cannot make machines run.
pub(super) async fn page(
    State(state): State<Dashboard>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = WorkspaceId::parse(&id)?;
    let mut frame = Frame::live(&state, &visitor, "").await?;
    let workspace = state.platform.get(&visitor.principal, &id).await?;
    let row = Row::of(
        state.proxy.hosts(),
        &workspace,
        None,
        state.platform.clock().now(),
    )
    .limited(&visitor.principal, &workspace);
    let phase = workspace.status.phase;
    let heading = match phase {
        Phase::Stopped if row.failure.is_some() => "The start failed",
        Phase::Stopped => "Not running",
        Phase::Stopping => "Stopping",
        Phase::Running if row.trouble.is_some() => "Running without its editor",
        Phase::Running => "Ready",
        Phase::Interrupted => "Reconnecting",
        Phase::Preparing
        | Phase::Building
        | Phase::Pending
        | Phase::Creating
        | Phase::Initializing => "Starting",
    };
    frame.title = format!("{heading}: {}", row.title);
    frame.workspace = Some(id.to_string());
    let instance = workspace.status.instance.as_ref();
    let steps = StepRow::all(instance);
    let under_way = !matches!(phase, Phase::Stopped | Phase::Stopping | Phase::Running);
    Ok(render(&Page {
        spoken: spoken(&steps),
        steps,
        heading,
        editor: instance.map(|i| i.ide.label.clone()).unwrap_or_default(),
        editor_reason: instance.map(|i| i.ide.reason.clone()).unwrap_or_default(),
        warnings: warnings(&workspace),
        configured_by: workspace.spec.configured_by.clone(),
        remarks: workspace.spec.remarks.clone(),
        go: if row.is_running && row.trouble.is_none() {
            format!("/open/{id}")
        } else {
            String::new()
        },
        since: instance
            .filter(|_| under_way)
            .map(|i| i.created_at.as_millisecond()),
        frame,
        row,
    }))
}

fn spoken(steps: &[StepRow]) -> String {
    let now = steps.iter().zip(1..).find(|(step, _)| step.class == "now");
    now.map_or_else(String::new, |(step, number)| {
        format!("Step {number} of {}: {}", steps.len(), step.label)
    })
}
