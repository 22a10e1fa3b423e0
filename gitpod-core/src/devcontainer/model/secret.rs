use serde::Serialize;

use crate::devcontainer::check::{Check, Field};

/// A secret that the repository recommends to set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecommendedSecret {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where more is told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_url: Option<String>,
}

pub(super) fn read_all(
    check: &mut Check,
    field: Option<Field<'_>>,
) -> Vec<(String, RecommendedSecret)> {
    let Some(object) = field.and_then(|field| check.open_object(&field)) else {
        return Vec::new();
    };
    let mut secrets = Vec::new();
    for (name, field) in object.iter() {
        let Some(keys) = check.object(&field, &["description", "documentationUrl"]) else {
            continue;
        };
        let secret = RecommendedSecret {
            description: check.text(keys.get("description")),
            documentation_url: check.text(keys.get("documentationUrl")),
        };
        secrets.push((name.to_owned(), secret));
    }
    secrets
}
