use std::collections::BTreeMap;

use super::tree::{Node, Value};
use crate::configuration::{Position, shorten};

/// Deepest properties whose places are kept; deeper ones are found by their parent's.
const MAX_DEPTH: usize = 4;
/// Longest part of a key that paths show.
const MAX_KEY: usize = 80;

/// Where each property stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places(BTreeMap<String, Position>);

impl Places {
    pub(super) fn of_tree(file: &Node) -> Self {
        let mut places = Self::default();
        places.add("", file, 0);
        places
    }

    fn add(&mut self, path: &str, node: &Node, depth: usize) {
        if depth == MAX_DEPTH {
            return;
        }
        match &node.value {
            Value::Object(entries) => {
                for entry in entries {
                    let path = below(path, &entry.key);
                    self.add(&path, &entry.value, depth + 1);
                    self.0.insert(path, entry.at);
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    self.add(&path, item, depth + 1);
                    self.0.insert(path, item.at);
                }
            }
            _ => {}
        }
    }

    /// The place of `path`, or of the nearest property around it.
    pub(super) fn find(&self, path: &str) -> Position {
        let mut path = path;
        loop {
            if let Some(at) = self.0.get(path) {
                return *at;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return Position::START,
            }
        }
    }
}

/// The path of `key` in the object at `path`.
pub(super) fn below(path: &str, key: &str) -> String {
    let key = shorten(key, MAX_KEY);
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}
