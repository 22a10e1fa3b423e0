//! What editors shall have.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Devcontainer;
use crate::devcontainer::notice::Notices;
use crate::devcontainer::places::below;
use crate::gitpod_yml::{GitpodYml, Jetbrains, Vscode};

pub(super) fn apply(file: &Devcontainer, config: &mut GitpodYml, notices: &mut Notices<'_>) {
    let mut extensions = Vec::new();
    let mut known = BTreeSet::new();
    let tools = file.customizations.as_ref();
    let vscode = tools.and_then(|tools| tools.vscode.as_ref());
    let of_vscode = vscode.and_then(|vscode| vscode.extensions.as_deref());
    for (property, list) in [
        ("extensions", file.extensions.as_deref()),
        ("customizations.vscode.extensions", of_vscode),
    ] {
        for (index, id) in list.unwrap_or_default().iter().enumerate() {
            if id.starts_with('-') {
                let instead = "no image or feature adds extensions here that could be taken away";
                notices.ignored(format!("{property}[{index}]"), instead);
            } else if known.insert(id) {
                extensions.push(id.clone());
            }
        }
    }
    if !extensions.is_empty() {
        config.vscode = Some(Vscode { extensions });
    }
    let of_vscode = vscode.and_then(|vscode| vscode.settings.as_ref());
    for (property, settings) in [
        ("settings", file.settings.as_ref()),
        ("customizations.vscode.settings", of_vscode),
    ] {
        if settings.is_some_and(says_something) {
            let instead = "they are not applied; put them into .vscode/settings.json";
            notices.ignored(property, instead);
        }
    }
    if let Some(jetbrains) = tools.and_then(|tools| tools.jetbrains.as_ref()) {
        let plugins = jetbrains.plugins.clone().unwrap_or_default();
        if !plugins.is_empty() {
            config.jetbrains = Some(Jetbrains {
                plugins,
                ..Jetbrains::default()
            });
        }
        if jetbrains.backend.is_some() {
            let instead = "the user chooses the editor";
            notices.ignored("customizations.jetbrains.backend", instead);
        }
        if jetbrains.settings.as_ref().is_some_and(says_something) {
            let instead = "they are not applied; keep them in the repository's .idea directory";
            notices.ignored("customizations.jetbrains.settings", instead);
        }
    }
    for (tool, value) in tools.iter().flat_map(|tools| &tools.others) {
        if says_something(value) {
            notices.ignored(below("customizations", tool), "it is for another tool");
        }
    }
}

fn says_something(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Object(entries) => !entries.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => true,
    }
}
