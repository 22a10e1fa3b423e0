use serde::Serialize;

use crate::gitpod_yml::yaml::Node;

/// What VS Code shall have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Vscode {
    /// Extensions, as `publisher.name` or `publisher.name@version`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<String>,
}

impl Vscode {
    pub(super) fn read(node: &Node) -> Self {
        Self {
            extensions: node.texts_of("extensions"),
        }
    }
}
