use serde::Serialize;

use super::entries::{self, OneOrMany};
use crate::devcontainer::check::{Check, Field};

const KEYS: [&str; 6] = [
    "dockerfile",
    "context",
    "args",
    "target",
    "cacheFrom",
    "options",
];

/// How an image is built from a Dockerfile of the repository. Paths are relative to the file's own directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Build {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The build context; `.` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Build arguments.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "entries::as_map"
    )]
    pub args: Vec<(String, String)>,
    /// The stage to build; the last one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Images whose layers may be used again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_from: Option<OneOrMany<String>>,
    /// Further arguments for the builder's command line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

impl Build {
    pub(super) fn read(check: &mut Check, field: &Field<'_>) -> Option<Self> {
        let keys = check.object(field, &KEYS)?;
        let build = Self {
            dockerfile: String::new(),
            context: check.text(keys.get("context")),
            args: entries::texts(check, keys.get("args")),
            target: check.text(keys.get("target")),
            cache_from: OneOrMany::read(check, keys.get("cacheFrom"), |check, field| {
                check.text(Some(field))
            }),
            options: check.texts(keys.get("options")),
        };
        let Some(dockerfile) = keys.get("dockerfile") else {
            check.missing(field, "dockerfile");
            return None;
        };
        let dockerfile = check.text(Some(dockerfile))?;
        Some(Self {
            dockerfile,
            ..build
        })
    }
}
