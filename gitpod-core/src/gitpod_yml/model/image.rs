use serde::Serialize;

use crate::gitpod_yml::check::{Check, Field};
use crate::gitpod_yml::node::Value;

/// The tools of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Image {
    /// An image reference.
    Reference(String),
    /// A Dockerfile of the repository.
    Dockerfile {
        /// Its path in the repository.
        file: String,
        /// The build context's path in the repository; needed only when files are copied in.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<String>,
    },
}

impl Image {
    pub(super) fn read(check: &mut Check, field: &Field<'_>) -> Option<Self> {
        match &field.node.value {
            Value::Text(text) if text.trim().is_empty() => {
                let message = "image is empty; the default image is used";
                check.warn(field.node.at, text, message);
                None
            }
            Value::Text(text) => Some(Self::Reference(text.clone())),
            Value::Map(_) => {
                let keys = check.mapping(field, &["file", "context"])?;
                let context = check.text(keys.get("context"));
                let Some(file) = keys.get("file") else {
                    check.missing(field, "file");
                    return None;
                };
                let file = check.text(Some(file))?;
                Some(Self::Dockerfile { file, context })
            }
            _ => {
                check.wrong_kind(field, "an image reference, or a mapping with `file`");
                None
            }
        }
    }
}
