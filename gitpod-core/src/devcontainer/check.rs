//! Reads the tree along the specification and notes what does not fit.

use serde_json::Value as Json;

use super::places::below;
use super::tree::{Entry, Fault, Node, Value};
use crate::configuration::{Mode, Position, Problem, Problems, Severity, nearest};

/// A node and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Field<'n> {
    pub(super) path: String,
    /// Place of its key; of itself in a list.
    pub(super) key_at: Position,
    pub(super) node: &'n Node,
}

/// The entries of an object.
#[derive(Debug)]
pub(super) struct Object<'n> {
    path: String,
    entries: &'n [Entry],
}

impl<'n> Object<'n> {
    /// The value of `key`, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Field<'n>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(self.field(entry))
    }

    /// All entries.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, Field<'n>)> {
        let entries = self.entries.iter();
        entries.map(|entry| (entry.key.as_str(), self.field(entry)))
    }

    fn field(&self, entry: &'n Entry) -> Field<'n> {
        Field {
            path: below(&self.path, &entry.key),
            key_at: entry.at,
            node: &entry.value,
        }
    }
}

/// Notes problems.
#[derive(Debug)]
pub(super) struct Check {
    problems: Problems,
}

impl Check {
    pub(super) fn new(mode: Mode) -> Self {
        Self {
            problems: Problems::new(mode),
        }
    }

    /// What was noted, in the order of the file.
    pub(super) fn finish(self) -> Vec<Problem> {
        self.problems.finish()
    }

    /// Rejects the file.
    pub(super) fn error(&mut self, at: Position, text: &str, message: impl Into<String>) {
        self.note(Severity::Error, at, text, message.into(), None);
    }

    /// Accepts the file with a remark.
    pub(super) fn warn(&mut self, at: Position, text: &str, message: impl Into<String>) {
        self.note(Severity::Warning, at, text, message.into(), None);
    }

    /// Rejects the file in strict mode; a remark in lenient mode, where the meaning is clear.
    pub(super) fn lapse(&mut self, at: Position, text: &str, message: impl Into<String>) {
        self.note(self.problems.lapse(), at, text, message.into(), None);
    }

    /// Rejects the file for what keeps it from being read; a remark for what is odd.
    pub(super) fn fault(&mut self, fault: Fault, severity: Severity) {
        self.note(severity, fault.at, &fault.text, fault.message, None);
    }

    fn note(
        &mut self,
        severity: Severity,
        at: Position,
        text: &str,
        message: String,
        suggestion: Option<String>,
    ) {
        self.problems.note(severity, at, text, message, suggestion);
    }

    /// The entries of an object, each of whose keys should be in `known`.
    pub(super) fn object<'n>(&mut self, field: &Field<'n>, known: &[&str]) -> Option<Object<'n>> {
        let object = self.open_object(field)?;
        for (key, field_of_key) in object.iter() {
            if !known.contains(&key) {
                self.unknown_key(&field.path, key, field_of_key.key_at, known);
            }
        }
        Some(object)
    }

    /// The entries of an object with keys of the user's own.
    pub(super) fn open_object<'n>(&mut self, field: &Field<'n>) -> Option<Object<'n>> {
        let Value::Object(entries) = &field.node.value else {
            self.wrong_kind(field, "an object (`{…}`)");
            return None;
        };
        Some(Object {
            path: field.path.clone(),
            entries,
        })
    }

    fn unknown_key(&mut self, path: &str, key: &str, at: Position, known: &[&str]) {
        let message = match path {
            "" => String::from("unknown property at the top level"),
            path => format!("unknown property in {path}"),
        };
        // Of thousands of unknown keys only the first are told; the others are not worth the comparison.
        let suggestion = (!self.problems.is_full())
            .then(|| nearest(key, known.iter().copied()).map(str::to_owned));
        self.note(
            self.problems.lapse(),
            at,
            key,
            message,
            suggestion.flatten(),
        );
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, field: Option<Field<'n>>) -> Vec<Field<'n>> {
        let Some(field) = field else {
            return Vec::new();
        };
        if !matches!(field.node.value, Value::List(_)) {
            self.wrong_kind(&field, "a list (`[…]`)");
        }
        items(&field)
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, field: Option<Field<'_>>) -> Vec<String> {
        let items = self.list(field);
        items
            .into_iter()
            .filter_map(|item| self.text(Some(item)))
            .collect()
    }

    /// A text.
    pub(super) fn text(&mut self, field: Option<Field<'_>>) -> Option<String> {
        let field = field?;
        let Value::Text(text) = &field.node.value else {
            self.wrong_kind(&field, "a text");
            return None;
        };
        Some(text.clone())
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, field: Option<Field<'_>>) -> Option<bool> {
        let field = field?;
        let Value::Bool(value) = field.node.value else {
            self.wrong_kind(&field, "true or false");
            return None;
        };
        Some(value)
    }

    /// An object of anything.
    pub(super) fn json_object(&mut self, field: Option<Field<'_>>) -> Option<Json> {
        let field = field?;
        self.open_object(&field)?;
        Some(field.node.to_json())
    }

    /// One of `choices`.
    pub(super) fn choice<T: Copy>(
        &mut self,
        field: Option<Field<'_>>,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let field = field?;
        let text = self.text(Some(field.clone()))?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("{} must be one of {}", field.path, names.join(", "));
        let suggestion = nearest(&text, names).map(str::to_owned);
        self.note(Severity::Error, field.node.at, &text, message, suggestion);
        None
    }

    /// The value is of another kind than `expected`; `null` counts as absent in lenient mode.
    pub(super) fn wrong_kind(&mut self, field: &Field<'_>, expected: &str) {
        let Field { path, node, .. } = field;
        let path = if path.is_empty() { "the file" } else { path };
        let message = format!("{path} must be {expected}, this is {}", node.kind());
        if matches!(node.value, Value::Null) {
            self.lapse(node.at, node.raw(), message);
        } else {
            self.error(node.at, node.raw(), message);
        }
    }

    /// `key` must be there.
    pub(super) fn missing(&mut self, field: &Field<'_>, key: &str) {
        let message = format!("{} lacks its `{key}`", field.path);
        self.error(field.node.at, "", message);
    }
}

/// The items of a list; nothing of other values.
pub(super) fn items<'n>(field: &Field<'n>) -> Vec<Field<'n>> {
    let Value::List(items) = &field.node.value else {
        return Vec::new();
    };
    let item = |(index, node): (usize, &'n Node)| Field {
        path: format!("{}[{index}]", field.path),
        key_at: node.at,
        node,
    };
    items.iter().enumerate().map(item).collect()
}
