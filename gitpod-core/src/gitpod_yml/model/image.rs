use serde::Serialize;

use crate::gitpod_yml::check::Check;
use crate::gitpod_yml::yaml::{Node, Value};

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
    pub(super) fn read(check: &mut Check<'_>, node: &Node) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                let message = "image is empty; the default image is used";
                check.warn(node.at, text, message);
                None
            }
            Value::Text(text) => Some(Self::Reference(text.clone())),
            _ => Some(Self::Dockerfile {
                file: node.text_of("file")?,
                context: node.text_of("context"),
            }),
        }
    }
}
