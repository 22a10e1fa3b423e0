use serde::Serialize;
use serde_json::Value as Json;

use super::entries;
use crate::gitpod_yml::check::Check;
use crate::gitpod_yml::yaml::{Node, Value};

const OPEN_IN: [(&str, &str); 4] = [
    ("bottom", "bottom"),
    ("main", "main"),
    ("left", "left"),
    ("right", "right"),
];
const OPEN_MODE: [(&str, &str); 4] = [
    ("tab-after", "tab-after"),
    ("tab-before", "tab-before"),
    ("split-left", "split-left"),
    ("split-right", "split-right"),
];

/// Commands for one terminal.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Task {
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Runs at every start, first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Runs once for fresh content: in the prebuild, or at the first start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Runs once in a workspace, after `init` and never in a prebuild. No key of this file says so: a `devcontainer.json`'s
    /// `postCreateCommand` does.
    #[serde(skip)]
    pub once: Option<String>,
    /// Runs in prebuilds only (deprecated).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prebuild: Option<String>,
    /// Runs at every start, last; need not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Environment of this terminal; a value that is not a text is given as JSON.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub env: Vec<(String, Json)>,
    /// Where editors open it: `bottom`, `main`, `left`, `right`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_in: Option<&'static str>,
    /// How: `tab-after`, `tab-before`, `split-left`, `split-right`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_mode: Option<&'static str>,
}

pub(super) fn read_all(check: &mut Check<'_>, node: &Node) -> Vec<Task> {
    let items = node.items().iter();
    let tasks = items.filter(|item| matches!(item.value, Value::Map(_)));
    tasks.map(|item| read(check, item)).collect()
}

fn read(check: &mut Check<'_>, node: &Node) -> Task {
    Task {
        name: node.text_of("name"),
        before: node.text_of("before"),
        init: node.text_of("init"),
        once: None,
        prebuild: node.text_of("prebuild"),
        command: node.text_of("command"),
        env: env(check, node),
        open_in: node.choice_of("openIn", &OPEN_IN),
        open_mode: node.choice_of("openMode", &OPEN_MODE),
    }
}

fn env(check: &mut Check<'_>, task: &Node) -> Vec<(String, Json)> {
    let entries = task.get("env").map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .map(|entry| {
            entries::check_variable(check, entry);
            (entry.key.clone(), entry.value.to_json())
        })
        .collect()
}
