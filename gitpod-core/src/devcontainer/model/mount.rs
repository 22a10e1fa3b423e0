use serde::Serialize;

use crate::devcontainer::check::{Check, Field};
use crate::devcontainer::tree::Value;

/// Something to mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MountEntry {
    /// As for a container's command line: `source=…,target=…,type=…`.
    Text(String),
    /// Property by property.
    Parts(MountParts),
}

/// A mount, property by property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MountParts {
    /// `bind`, `volume` or `tmpfs`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What to mount: a path, or a volume's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where.
    pub target: String,
}

impl MountEntry {
    /// Its properties, if it has a target.
    pub fn parts(&self) -> Option<MountParts> {
        match self {
            Self::Text(text) => parts(text),
            Self::Parts(parts) => Some(parts.clone()),
        }
    }

    pub(super) fn read(check: &mut Check, field: Field<'_>) -> Option<Self> {
        match &field.node.value {
            Value::Text(text) => {
                if parts(text).is_none() {
                    let message = "not a mount such as `source=cache,target=/cache,type=volume`";
                    check.warn(field.node.at, text, message);
                }
                Some(Self::Text(text.clone()))
            }
            Value::Object(_) => object(check, &field).map(Self::Parts),
            _ => {
                check.wrong_kind(&field, "a text or an object");
                None
            }
        }
    }
}

fn object(check: &mut Check, field: &Field<'_>) -> Option<MountParts> {
    let keys = check.object(field, &["type", "source", "target"])?;
    let kinds = [("bind", "bind"), ("volume", "volume"), ("tmpfs", "tmpfs")];
    let kind = check.choice(keys.get("type"), &kinds);
    let source = check.text(keys.get("source"));
    for key in ["type", "target"] {
        if keys.get(key).is_none() {
            check.missing(field, key);
        }
    }
    Some(MountParts {
        kind: kind?.to_owned(),
        source,
        target: check.text(keys.get("target"))?,
    })
}

fn parts(text: &str) -> Option<MountParts> {
    let value = |names: &[&str]| {
        let pairs = text.split(',').filter_map(|part| part.split_once('='));
        let mut found = pairs.filter(|(name, _)| names.contains(&name.trim()));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    Some(MountParts {
        kind: value(&["type"]).unwrap_or_else(|| String::from("volume")),
        source: value(&["source", "src"]),
        target: value(&["target", "dst", "destination"]).filter(|target| !target.is_empty())?,
    })
}
