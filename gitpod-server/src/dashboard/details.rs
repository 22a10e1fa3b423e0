//! All that is known about one workspace.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use gitpod_core::access::{self, Action};
use gitpod_core::task::{TaskState, TaskStatus};
use gitpod_core::workspace::{StopTrouble, Workspace};
use gitpod_core::{Result, WorkspaceId};

use super::frame::{Frame, render};
use super::problem::Problem;
use super::router::Dashboard;
use super::view::{Disk, Happening, Row, StepRow, short};
use super::visitor::Visitor;

/// Events that are searched for those that people care about.
const SEARCHED: usize = 500;

/// Events on the page.
const SHOWN: usize = 40;

/// A task, for people.
struct TaskRow {
    id: String,
    name: String,
    /// `opening`, `running`, `closed`.
    state: &'static str,
    said: String,
    /// Style of the state.
    class: &'static str,
    has_log: bool,
    /// Whether its output is unfolded at first: of those that failed, else of the first.
    is_open: bool,
}

/// What the visitor may do with the workspace, beside what its row says.
struct Can {
    share: bool,
    set_ports: bool,
    delete: bool,
}

#[derive(Template)]
#[template(path = "dashboard/details.html")]
struct Page {
    frame: Frame,
    row: Row,
    context_url: String,
    class: String,
    image: String,
    editor: String,
    editor_reason: String,
    steps: Vec<StepRow>,
    ready_in: Option<String>,
    tasks: Vec<TaskRow>,
    warnings: Vec<String>,
    shared: bool,
    can: Can,
    configured_by: String,
    remarks: Vec<String>,
    /// How much of its disk is used; empty when that is not known.
    disk: String,
    happenings: Vec<Happening>,
}

/// The page of one workspace.
pub(super) async fn page(
    State(state): State<Dashboard>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = WorkspaceId::parse(&id)?;
    let mut frame = Frame::live(&state, &visitor, "").await?.at("workspaces");
    let workspace = state.platform.get(&visitor.principal, &id).await?;
    let happenings = happenings(&state, &visitor, &id).await?;
    let disk = disk(&state, &visitor, &id).await;
    let now = state.platform.clock().now();
    let row = Row::of(
        state.proxy.hosts(),
        &workspace,
        state.platform.stops_at(&workspace),
        now,
    )
    .limited(&visitor.principal, &workspace);
    let may = |action| access::may(&visitor.principal, action, (&workspace).into()).allowed;
    frame.title = format!("{}: {}", row.title, row.state.label);
    frame.workspace = Some(id.to_string());
    let instance = workspace.status.instance.as_ref();
    Ok(render(&Page {
        steps: StepRow::all(instance),
        ready_in: instance.and_then(|i| {
            Some(short(gitpod_core::clock::elapsed(
                i.created_at,
                i.started_at?,
            )))
        }),
        tasks: tasks(&workspace, row.can_stop),
        editor: instance.map(|i| i.ide.label.clone()).unwrap_or_default(),
        editor_reason: instance.map(|i| i.ide.reason.clone()).unwrap_or_default(),
        warnings: [warnings(&workspace), disk.notices].concat(),
        disk: disk.used,
        shared: workspace.guest_token.is_some(),
        can: Can {
            share: may(Action::ShareWorkspace),
            set_ports: may(Action::UpdateWorkspace),
            delete: may(Action::DeleteWorkspace),
        },
        configured_by: workspace.spec.configured_by.clone(),
        remarks: workspace.spec.remarks.clone(),
        context_url: super::view::without_userinfo(&workspace.spec.context.url),
        class: class_name(&state, &workspace.spec.class),
        image: workspace.spec.image.to_string(),
        frame,
        row,
        happenings,
    }))
}

/// What cannot be measured now is not shown.
async fn disk(state: &Dashboard, visitor: &Visitor, id: &WorkspaceId) -> Disk {
    let usage = state.platform.disk_usage(&visitor.principal, id).await;
    let room = state.platform.room().await;
    for error in [usage.as_ref().err(), room.as_ref().err()]
        .into_iter()
        .flatten()
    {
        tracing::debug!(%error, workspace = %id, "cannot measure a disk");
    }
    Disk::of(usage.ok().flatten(), room.ok().flatten())
}

/// What its user should know: from its configuration, and from its current start.
pub(super) fn warnings(workspace: &Workspace) -> Vec<String> {
    let of_instance = workspace
        .status
        .instance
        .iter()
        .flat_map(|instance| &instance.warnings);
    let mut all: Vec<String> = workspace
        .spec
        .warnings
        .iter()
        .chain(of_instance)
        .cloned()
        .collect();
    all.dedup();
    let instance = workspace.status.instance.as_ref();
    let trouble = instance.and_then(|instance| instance.stop_trouble.as_ref());
    all.extend(trouble.map(in_words));
    all
}

/// What keeps a stop from getting on, and what a person can do.
fn in_words(trouble: &StopTrouble) -> String {
    let StopTrouble {
        what,
        since,
        attempts,
        message,
        hint,
        ..
    } = trouble;
    format!(
        "Stopping takes longer: the server cannot {what} (since {since:.0}, {attempts} attempts): {message}. What to do: {hint}."
    )
}

fn class_name(state: &Dashboard, id: &str) -> String {
    let known = state.platform.classes().iter().find(|class| class.id == id);
    known.map_or_else(|| id.to_owned(), |class| class.display_name.clone())
}

fn tasks(workspace: &Workspace, is_up: bool) -> Vec<TaskRow> {
    let instance = workspace.status.instance.as_ref();
    let tasks = instance.map_or(&[][..], |instance| &instance.tasks);
    let failed = |task: &TaskStatus| task.exit_code.is_some_and(|code| code != 0);
    let any_failed = tasks.iter().any(failed);
    tasks
        .iter()
        .enumerate()
        .map(|(at, task)| {
            let (state, class, said) = match (task.state, task.exit_code) {
                (TaskState::Opening, _) => ("opening", "busy", String::from("Opening")),
                (TaskState::Running, _) => ("running", "running", String::from("Running")),
                (TaskState::Closed, Some(0)) => ("closed", "stopped", String::from("Done")),
                (TaskState::Closed, Some(code)) => {
                    let failed = task.failure.as_deref().map_or_else(
                        || format!("Failed with exit code {code}"),
                        |failure| format!("Failed: {failure}"),
                    );
                    ("closed", "failed", failed)
                }
                (TaskState::Closed, None) => ("closed", "stopped", String::from("Ended")),
            };
            TaskRow {
                id: task.id.clone(),
                name: task.name.clone(),
                state,
                said,
                class,
                has_log: task.terminal.is_some() == is_up,
                is_open: if any_failed { failed(task) } else { at == 0 },
            }
        })
        .collect()
}

/// The newest first. Only of the recent past: events are for people, the record is the truth.
async fn happenings(
    state: &Dashboard,
    visitor: &Visitor,
    id: &WorkspaceId,
) -> Result<Vec<Happening>> {
    let events = state
        .platform
        .history(&visitor.principal, id, SEARCHED)
        .await?;
    let now = state.platform.clock().now();
    Ok(events
        .iter()
        .filter_map(|event| Happening::of(event, now))
        .take(SHOWN)
        .collect())
}
