use serde::Serialize;
use serde_json::Value as Json;

use super::entries;
use crate::devcontainer::check::{Check, Field};

/// What tools shall have.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Customizations {
    /// VS Code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vscode: Option<VscodeCustomization>,
    /// The editors of `JetBrains`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jetbrains: Option<JetbrainsCustomization>,
    /// Any other tool, by name (`codespaces`, `gitpod`, …), as it stands.
    #[serde(flatten, serialize_with = "entries::as_map")]
    pub others: Vec<(String, Json)>,
}

/// What VS Code shall have.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VscodeCustomization {
    /// Extensions, as `publisher.name` or `publisher.name@version`; a `-` in front takes one away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<String>>,
    /// Settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Json>,
}

/// What the editors of `JetBrains` shall have.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JetbrainsCustomization {
    /// Which of them runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Plugins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugins: Option<Vec<String>>,
    /// Settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Json>,
}

impl Customizations {
    pub(super) fn read(check: &mut Check, field: &Field<'_>) -> Option<Self> {
        let tools = check.open_object(field)?;
        let mut customizations = Self::default();
        for (name, field) in tools.iter() {
            match name {
                "vscode" => customizations.vscode = vscode(check, &field),
                "jetbrains" => customizations.jetbrains = jetbrains(check, &field),
                name => {
                    let other = (name.to_owned(), field.node.to_json());
                    customizations.others.push(other);
                }
            }
        }
        Some(customizations)
    }
}

fn vscode(check: &mut Check, field: &Field<'_>) -> Option<VscodeCustomization> {
    let keys = check.object(field, &["extensions", "settings"])?;
    Some(VscodeCustomization {
        extensions: present_texts(check, keys.get("extensions")),
        settings: check.json_object(keys.get("settings")),
    })
}

fn jetbrains(check: &mut Check, field: &Field<'_>) -> Option<JetbrainsCustomization> {
    let keys = check.object(field, &["backend", "plugins", "settings"])?;
    Some(JetbrainsCustomization {
        backend: check.text(keys.get("backend")),
        plugins: present_texts(check, keys.get("plugins")),
        settings: check.json_object(keys.get("settings")),
    })
}

/// A list of texts that may be there and empty.
pub(super) fn present_texts(check: &mut Check, field: Option<Field<'_>>) -> Option<Vec<String>> {
    field.map(|field| check.texts(Some(field)))
}
