use serde::Serialize;
use serde_json::Value as Json;

use super::entries;
use crate::gitpod_yml::check::{Check, Field};

const KEYS: [&str; 8] = [
    "name", "before", "init", "prebuild", "command", "env", "openIn", "openMode",
];
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

pub(super) fn read_all(check: &mut Check, field: Option<Field<'_>>) -> Vec<Task> {
    let items = check.list(field);
    items.iter().filter_map(|item| read(check, item)).collect()
}

fn read(check: &mut Check, field: &Field<'_>) -> Option<Task> {
    let keys = check.mapping(field, &KEYS)?;
    if let Some(prebuild) = keys.get("prebuild") {
        check.warn(prebuild.key_at, "prebuild", "deprecated, use `init`");
    }
    Some(Task {
        name: check.text(keys.get("name")),
        before: check.text(keys.get("before")),
        init: check.text(keys.get("init")),
        once: None,
        prebuild: check.text(keys.get("prebuild")),
        command: check.text(keys.get("command")),
        env: keys
            .get("env")
            .map(|field| env(check, &field))
            .unwrap_or_default(),
        open_in: check.choice(keys.get("openIn"), &OPEN_IN),
        open_mode: check.choice(keys.get("openMode"), &OPEN_MODE),
    })
}

fn env(check: &mut Check, field: &Field<'_>) -> Vec<(String, Json)> {
    let Some(mapping) = check.open_mapping(field) else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for (name, at, field) in mapping.iter() {
        entries::check_variable(check, name, at);
        entries.push((name.to_owned(), field.node.to_json()));
    }
    entries
}
