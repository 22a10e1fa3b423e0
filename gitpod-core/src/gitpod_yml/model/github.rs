use serde::Serialize;
use serde_json::Value as Json;

use crate::gitpod_yml::check::{Check, Field};
use crate::gitpod_yml::node::Value;

const FLAGS: [&str; 5] = [
    "master",
    "branches",
    "pullRequests",
    "pullRequestsFromForks",
    "addBadge",
];
const KEYS: [&str; 8] = [
    "master",
    "branches",
    "pullRequests",
    "pullRequestsFromForks",
    "addBadge",
    "addCheck",
    "addLabel",
    "addComment",
];

/// Prebuild settings of long ago; projects have them now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Github {
    /// `true`, `false`, or a mapping of switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prebuilds: Option<Json>,
}

impl Github {
    pub(super) fn read(check: &mut Check, field: &Field<'_>) -> Option<Self> {
        check.warn(
            field.key_at,
            "github",
            "deprecated, prebuilds are set in the project's settings",
        );
        let keys = check.mapping(field, &["prebuilds"])?;
        let prebuilds = keys
            .get("prebuilds")
            .and_then(|field| read_prebuilds(check, &field));
        Some(Self { prebuilds })
    }
}

fn read_prebuilds(check: &mut Check, field: &Field<'_>) -> Option<Json> {
    match &field.node.value {
        Value::Bool(value) => return Some(Json::Bool(*value)),
        Value::Map(_) => {}
        _ => {
            check.wrong_kind(field, "true, false or a mapping");
            return None;
        }
    }
    // The original's schema lets other keys pass here.
    let keys = check.loose_mapping(field, &KEYS)?;
    for flag in FLAGS {
        check.boolean(keys.get(flag));
    }
    if let Some(field) = keys.get("addCheck")
        && !matches!(field.node.value, Value::Bool(_))
    {
        check.choice(Some(field), &[("prevent-merge-on-error", ())]);
    }
    if let Some(field) = keys.get("addLabel")
        && !matches!(field.node.value, Value::Bool(_))
    {
        check.text(Some(field));
    }
    Some(field.node.to_json())
}
