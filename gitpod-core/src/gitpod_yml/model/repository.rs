use serde::Serialize;

use crate::gitpod_yml::check::Check;
use crate::gitpod_yml::location::below_workspace;
use crate::gitpod_yml::yaml::Node;

/// A repository to check out beside the main one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdditionalRepository {
    /// Its context URL.
    pub url: String,
    /// Where, below `/workspace`; its own name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_location: Option<String>,
}

pub(super) fn read_all(check: &mut Check<'_>, node: &Node) -> Vec<AdditionalRepository> {
    let items = node.items().iter();
    items.filter_map(|item| read(check, item)).collect()
}

fn read(check: &mut Check<'_>, node: &Node) -> Option<AdditionalRepository> {
    Some(AdditionalRepository {
        checkout_location: location(check, node, "checkoutLocation"),
        url: node.text_of("url")?,
    })
}

/// A directory that must stay below `/workspace`.
pub(super) fn location(check: &mut Check<'_>, node: &Node, key: &str) -> Option<String> {
    let node = node.get(key)?;
    let text = node.text()?;
    if below_workspace(&text).is_none() {
        let message =
            format!("{key} must be a directory below /workspace, without `..`; it is ignored");
        check.warn(node.at, &text, message);
        return None;
    }
    Some(text)
}
