//! Notes what is wrong with a file, and reads values of a tree that is checked already.

use super::yaml::{Entry, Node, Place, Value};
use crate::configuration::{Mode, Problem, Problems, Severity};

/// Notes problems at places of a text.
#[derive(Debug)]
pub(super) struct Check<'t> {
    text: &'t str,
    problems: Problems,
}

impl<'t> Check<'t> {
    pub(super) fn new(mode: Mode, text: &'t str) -> Self {
        Self {
            text: text.strip_prefix('\u{feff}').unwrap_or(text),
            problems: Problems::new(mode),
        }
    }

    /// What was noted, in the order of the file.
    pub(super) fn finish(self) -> Vec<Problem> {
        self.problems.finish()
    }

    /// Whether further warnings are counted only.
    pub(super) fn is_full(&self) -> bool {
        self.problems.is_full()
    }

    /// Rejects the file.
    pub(super) fn error(&mut self, at: Place, text: &str, message: impl Into<String>) {
        self.note(Severity::Error, at, text, message.into(), None);
    }

    /// Accepts the file with a remark.
    pub(super) fn warn(&mut self, at: Place, text: &str, message: impl Into<String>) {
        self.note(Severity::Warning, at, text, message.into(), None);
    }

    /// Rejects the file in strict mode; a remark in lenient mode, where the meaning is clear.
    pub(super) fn lapse(&mut self, at: Place, text: &str, message: impl Into<String>) {
        self.note(self.lapse_severity(), at, text, message.into(), None);
    }

    pub(super) fn lapse_severity(&self) -> Severity {
        self.problems.lapse()
    }

    /// The whole file cannot be read: what is shown is the line.
    pub(super) fn unreadable(&mut self, at: Place, message: String) {
        let line = at.line(self.text).trim().to_owned();
        self.error(at, &line, message);
    }

    pub(super) fn note(
        &mut self,
        severity: Severity,
        at: Place,
        text: &str,
        message: String,
        suggestion: Option<String>,
    ) {
        let position = at.position(self.text);
        self.problems
            .note(severity, position, text, message, suggestion);
    }
}

/// The entries of a node. Whatever is not as the schema has it counts as absent: that is told already.
impl Node {
    /// The value of `key`, if this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// The entries of a mapping.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A text; a number, a date, or true or false as it stands.
    pub(super) fn text(&self) -> Option<String> {
        match &self.value {
            Value::Null | Value::List(_) | Value::Map(_) => None,
            _ => Some(self.shown().to_owned()),
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The text of `key`.
    pub(super) fn text_of(&self, key: &str) -> Option<String> {
        self.get(key)?.text()
    }

    /// The texts in the list of `key`.
    pub(super) fn texts_of(&self, key: &str) -> Vec<String> {
        let items = self.get(key).map(Self::items).unwrap_or_default();
        items.iter().filter_map(Self::text).collect()
    }

    /// What the word of `key` stands for.
    pub(super) fn choice_of<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let Value::Text(text) = &self.get(key)?.value else {
            return None;
        };
        let (_, choice) = choices.iter().find(|(name, _)| name == text)?;
        Some(*choice)
    }
}
