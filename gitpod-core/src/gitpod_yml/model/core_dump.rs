use serde::Serialize;

use crate::gitpod_yml::check::Check;
use crate::gitpod_yml::yaml::{Node, Value};

/// Limit of core dumps when they are enabled and the file names none.
const DEFAULT_LIMIT: u64 = 1 << 30;

/// Whether crashing processes leave core dumps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CoreDump {
    /// Whether they do; `false` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Soft limit, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soft_limit: Option<u64>,
    /// Hard limit, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hard_limit: Option<u64>,
}

impl CoreDump {
    pub(super) fn read(check: &mut Check<'_>, node: &Node) -> Self {
        Self {
            enabled: node.get("enabled").and_then(Node::boolean),
            soft_limit: bytes(check, node, "softLimit"),
            hard_limit: bytes(check, node, "hardLimit"),
        }
    }

    /// Soft and hard limit of a core dump's size, in bytes: zero unless enabled, 1 GiB where the file names none, and
    /// never a soft limit above the hard one.
    pub fn limits(&self) -> (u64, u64) {
        if self.enabled != Some(true) {
            return (0, 0);
        }
        let hard = self.hard_limit.unwrap_or(DEFAULT_LIMIT);
        (self.soft_limit.unwrap_or(DEFAULT_LIMIT).min(hard), hard)
    }
}

/// A number of bytes.
fn bytes(check: &mut Check<'_>, node: &Node, key: &str) -> Option<u64> {
    let node = node.get(key)?;
    let number = match node.value {
        Value::Integer(number) => u64::try_from(number).ok(),
        Value::Float(_) => None,
        _ => return None,
    };
    if number.is_none() {
        let message = format!("coreDump.{key} must be a whole number of bytes; it is ignored");
        check.warn(node.at, node.shown(), message);
    }
    number
}
