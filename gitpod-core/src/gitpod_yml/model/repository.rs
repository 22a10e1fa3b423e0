use serde::Serialize;

use crate::gitpod_yml::check::{Check, Field};
use crate::gitpod_yml::location::below_workspace;

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

pub(super) fn read_all(check: &mut Check, field: Option<Field<'_>>) -> Vec<AdditionalRepository> {
    let items = check.list(field);
    items.iter().filter_map(|item| read(check, item)).collect()
}

fn read(check: &mut Check, field: &Field<'_>) -> Option<AdditionalRepository> {
    let keys = check.mapping(field, &["url", "checkoutLocation"])?;
    let checkout_location = location(check, keys.get("checkoutLocation"));
    let Some(url) = keys.get("url") else {
        check.missing(field, "url");
        return None;
    };
    Some(AdditionalRepository {
        url: check.text(Some(url))?,
        checkout_location,
    })
}

/// A directory that must stay below `/workspace`.
pub(super) fn location(check: &mut Check, field: Option<Field<'_>>) -> Option<String> {
    let field = field?;
    let (path, at) = (field.path.clone(), field.node.at);
    let text = check.text(Some(field))?;
    if below_workspace(&text).is_none() {
        let message = format!("{path} must be a directory below /workspace, without `..`");
        check.error(at, &text, message);
        return None;
    }
    Some(text)
}
