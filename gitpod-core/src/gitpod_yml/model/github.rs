use serde::Serialize;
use serde_json::Value as Json;

use crate::gitpod_yml::yaml::{Node, Value};

/// Prebuild settings of long ago; projects have them now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Github {
    /// `true`, `false`, or a mapping of switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prebuilds: Option<Json>,
}

impl Github {
    pub(super) fn read(node: &Node) -> Self {
        let prebuilds = node
            .get("prebuilds")
            .filter(|node| matches!(node.value, Value::Bool(_) | Value::Map(_)));
        Self {
            prebuilds: prebuilds.map(Node::to_json),
        }
    }
}
