use std::collections::HashMap;

use super::cursor::{Cursor, Read, fault_at};
use super::node::{Entry, Node, Place, Value};

/// A mapping that is being read. Keys are found by hash, so that thousands of them cost no more than their number.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    entries: Vec<Entry>,
    index: HashMap<String, Found>,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    at: usize,
    /// Came with `<<` and gives way to a key of the mapping itself.
    merged: bool,
}

impl Pairs {
    pub(super) fn entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Adds a key (with whether it is `<<`, and its place) and its value.
    ///
    /// # Errors
    /// The key is there already.
    pub(super) fn put(
        &mut self,
        cursor: &mut Cursor<'_>,
        (key, merge, at): (Node, bool, Place),
        value: Node,
    ) -> Read<()> {
        if merge {
            return self.merge(cursor, value, at);
        }
        let Some(key) = name(&key) else {
            return fault_at(at, "a list in a list cannot be a key");
        };
        let entry = Entry {
            key: key.clone(),
            at,
            value,
        };
        match self.index.get_mut(&key) {
            None => self.add(entry, false),
            Some(found) if found.merged => {
                found.merged = false;
                self.entries[found.at] = entry;
            }
            Some(found) => {
                let line = self.entries[found.at].at.line + 1;
                return fault_at(at, format!("this key is there already, in line {line}"));
            }
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry, merged: bool) {
        let found = Found {
            at: self.entries.len(),
            merged,
        };
        self.index.insert(entry.key.clone(), found);
        self.entries.push(entry);
    }

    fn merge(&mut self, cursor: &mut Cursor<'_>, value: Node, at: Place) -> Read<()> {
        let sources = match value.value {
            Value::List(items) => items,
            Value::Map(_) => vec![value],
            _ => return fault_at(at, "only a mapping can be merged"),
        };
        for source in sources {
            let Value::Map(entries) = source.value else {
                return fault_at(at, "only mappings can be merged");
            };
            for entry in entries {
                cursor.count_value()?;
                if !self.index.contains_key(&entry.key) {
                    self.add(entry, true);
                }
            }
        }
        Ok(())
    }
}

/// A key as text, as JavaScript has it; `None` for lists in lists.
fn name(key: &Node) -> Option<String> {
    Some(match &key.value {
        Value::Text(text) => text.clone(),
        Value::Null => String::from("null"),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Date => key.shown().to_owned(),
        Value::Map(_) => String::from("[object Object]"),
        Value::List(items) => {
            let names = items.iter().map(|item| match item.value {
                Value::List(_) => None,
                Value::Null => Some(String::new()),
                _ => name(item),
            });
            names.collect::<Option<Vec<String>>>()?.join(",")
        }
    })
}
