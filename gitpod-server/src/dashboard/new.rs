//! The form for a new workspace.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use gitpod_core::class::WorkspaceClass;

use super::frame::{Frame, render};
use super::problem::Problem;
use super::router::Dashboard;
use super::visitor::Visitor;
use crate::size::in_words;

/// An editor or a class to choose.
struct Choice {
    id: String,
    label: String,
    note: String,
    disabled: bool,
    checked: bool,
}

#[derive(Template)]
#[template(path = "dashboard/new.html")]
struct Page {
    frame: Frame,
    editors: Vec<Choice>,
    classes: Vec<Choice>,
}

/// The form. It is sent through the public API, by the page's module.
pub(super) async fn page(
    State(state): State<Dashboard>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let mut frame = Frame::still("New workspace").at("new");
    frame.user = Some(visitor.name);
    let editors = state
        .platform
        .editors()
        .await?
        .into_iter()
        .map(|ide| Choice {
            note: match &ide.unavailable {
                Some(why) => why.clone(),
                None if ide.installed => format!("Version {}, installed", ide.version),
                None => format!("Version {}, fetched on first use", ide.version),
            },
            disabled: ide.unavailable.is_some(),
            checked: false,
            id: ide.id,
            label: ide.label,
        });
    let default = Choice {
        id: String::new(),
        label: String::from("Default"),
        note: String::from("The best one that is installed"),
        disabled: false,
        checked: true,
    };
    Ok(render(&Page {
        frame,
        editors: std::iter::once(default).chain(editors).collect(),
        classes: state.platform.classes().iter().map(class).collect(),
    }))
}

fn class(class: &WorkspaceClass) -> Choice {
    let limits = &class.resources;
    let parts = [
        limits
            .cpu_millis
            .map(|millis| format!("{} CPU", f64::from(millis) / 1000.0)),
        limits
            .memory_bytes
            .map(|bytes| format!("{} memory", in_words(bytes))),
        limits
            .disk_bytes
            .map(|bytes| format!("{} disk", in_words(bytes))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    // A description is the operator's own words: it says what matters, numbers included.
    let note = match (class.description.as_str(), parts.is_empty()) {
        ("", true) => String::from("Whatever this machine has"),
        ("", false) => parts.join(", "),
        (description, _) => description.to_owned(),
    };
    Choice {
        id: class.id.clone(),
        label: class.display_name.clone(),
        note,
        disabled: false,
        checked: class.is_default,
    }
}
