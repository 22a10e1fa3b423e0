//! Walks the tree along the file's schema and notes what does not fit.

use super::nearest::nearest;
use super::node::{Entry, Node, Value};
use super::parse::Mode;
use super::problem::{Position, Problem, Severity};

/// Further problems are counted, not listed.
const MAX_PROBLEMS: usize = 100;
/// Longest offending text shown.
const MAX_TEXT: usize = 80;

/// A node and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Field<'n> {
    pub(super) path: String,
    /// Place of its key; of itself in a list.
    pub(super) key_at: Position,
    pub(super) node: &'n Node,
}

/// The entries of a mapping.
#[derive(Debug)]
pub(super) struct Mapping<'n> {
    path: String,
    entries: &'n [Entry],
}

impl<'n> Mapping<'n> {
    /// The value of `key`, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Field<'n>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(self.field(entry))
    }

    /// All entries, with their keys' places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, Position, Field<'n>)> {
        self.entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.at, self.field(entry)))
    }

    fn field(&self, entry: &'n Entry) -> Field<'n> {
        Field {
            path: join(&self.path, &entry.key),
            key_at: entry.at,
            node: &entry.value,
        }
    }
}

/// Notes problems.
#[derive(Debug)]
pub(super) struct Check {
    mode: Mode,
    problems: Vec<Problem>,
    unlisted: usize,
}

impl Check {
    pub(super) fn new(mode: Mode) -> Self {
        Self {
            mode,
            problems: Vec::new(),
            unlisted: 0,
        }
    }

    /// What was noted, in the order of the file.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.position);
        if self.unlisted > 0 {
            self.problems.push(Problem {
                severity: Severity::Warning,
                position: Position::START,
                text: String::new(),
                message: format!("{} more problems are not listed", self.unlisted),
                suggestion: None,
            });
        }
        self.problems
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
        self.note(self.lapse_severity(), at, text, message.into(), None);
    }

    fn lapse_severity(&self) -> Severity {
        match self.mode {
            Mode::Strict => Severity::Error,
            Mode::Lenient => Severity::Warning,
        }
    }

    fn note(
        &mut self,
        severity: Severity,
        position: Position,
        text: &str,
        message: String,
        suggestion: Option<String>,
    ) {
        // An error always finds its place: the verdict hangs on it.
        let rejected = || self.problems.iter().any(|p| p.severity == Severity::Error);
        if self.problems.len() >= MAX_PROBLEMS && (severity == Severity::Warning || rejected()) {
            self.unlisted += 1;
            return;
        }
        self.problems.push(Problem {
            severity,
            position,
            text: shorten(text),
            message,
            suggestion,
        });
    }

    /// The entries of a mapping, each of whose keys must be in `known`.
    pub(super) fn mapping<'n>(&mut self, field: &Field<'n>, known: &[&str]) -> Option<Mapping<'n>> {
        let mapping = self.open_mapping(field)?;
        for (key, at, _) in mapping.iter().filter(|(key, ..)| !known.contains(key)) {
            let severity = self.lapse_severity();
            self.unknown_key(severity, &field.path, key, at, known);
        }
        Some(mapping)
    }

    /// As [`mapping`](Self::mapping), but unknown keys are remarks in both modes.
    pub(super) fn loose_mapping<'n>(
        &mut self,
        field: &Field<'n>,
        known: &[&str],
    ) -> Option<Mapping<'n>> {
        let mapping = self.open_mapping(field)?;
        for (key, at, _) in mapping.iter().filter(|(key, ..)| !known.contains(key)) {
            self.unknown_key(Severity::Warning, &field.path, key, at, known);
        }
        Some(mapping)
    }

    /// The entries of a mapping with keys of the user's own.
    pub(super) fn open_mapping<'n>(&mut self, field: &Field<'n>) -> Option<Mapping<'n>> {
        let Value::Map(entries) = &field.node.value else {
            self.wrong_kind(field, "a mapping (`key: value` lines)");
            return None;
        };
        Some(Mapping {
            path: field.path.clone(),
            entries,
        })
    }

    fn unknown_key(
        &mut self,
        severity: Severity,
        path: &str,
        key: &str,
        at: Position,
        known: &[&str],
    ) {
        let place = if path.is_empty() {
            "at the top level"
        } else {
            "in"
        };
        let message = format!("unknown key {place} {path}");
        // Of thousands of unknown keys only the first are told; the others are not worth the comparison.
        let suggestion = (self.problems.len() < MAX_PROBLEMS)
            .then(|| nearest(key, known.iter().copied()).map(str::to_owned));
        self.note(
            severity,
            at,
            key,
            message.trim_end().to_owned(),
            suggestion.flatten(),
        );
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, field: Option<Field<'n>>) -> Vec<Field<'n>> {
        let Some(field) = field else {
            return Vec::new();
        };
        let Value::List(items) = &field.node.value else {
            self.wrong_kind(&field, "a list (`- item` lines)");
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(index, node)| Field {
                path: format!("{}[{index}]", field.path),
                key_at: node.at,
                node,
            })
            .collect()
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, field: Option<Field<'_>>) -> Vec<String> {
        let items = self.list(field);
        items
            .into_iter()
            .filter_map(|item| self.text(Some(item)))
            .collect()
    }

    /// A text. A number, a date or true/false is taken as it stands in lenient mode.
    pub(super) fn text(&mut self, field: Option<Field<'_>>) -> Option<String> {
        let field = field?;
        match &field.node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Date => {
                let kind = field.node.value.kind();
                let path = &field.path;
                let message = format!("{path} must be a text, this is {kind}; put it in quotes");
                self.lapse(field.node.at, &field.node.raw, message);
                Some(field.node.raw.clone())
            }
            Value::Null | Value::List(_) | Value::Map(_) => {
                self.wrong_kind(&field, "a text");
                None
            }
        }
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

    /// A number of bytes.
    pub(super) fn bytes(&mut self, field: Option<Field<'_>>) -> Option<u64> {
        let field = field?;
        let (number, at) = match field.node.value {
            Value::Integer(number) => (u64::try_from(number).ok(), field.node.at),
            Value::Float(_) => (None, field.node.at),
            _ => {
                self.wrong_kind(&field, "a number");
                return None;
            }
        };
        if number.is_none() {
            let message = format!(
                "{} must be a whole number of bytes; it is ignored",
                field.path
            );
            self.warn(at, &field.node.raw, message);
        }
        number
    }

    /// One of `choices`.
    pub(super) fn choice<T: Copy>(
        &mut self,
        field: Option<Field<'_>>,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let field = field?;
        let Value::Text(text) = &field.node.value else {
            self.wrong_kind(&field, "a text");
            return None;
        };
        if let Some((_, choice)) = choices.iter().find(|(name, _)| name == text) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("{} must be one of {}", field.path, names.join(", "));
        let suggestion = nearest(text, names).map(str::to_owned);
        self.note(Severity::Error, field.node.at, text, message, suggestion);
        None
    }

    /// The value is of another kind than `expected`; an empty one counts as absent in lenient mode.
    pub(super) fn wrong_kind(&mut self, field: &Field<'_>, expected: &str) {
        let Field { path, node, .. } = field;
        let path = if path.is_empty() { "the file" } else { path };
        if matches!(node.value, Value::Null) {
            let message = format!("{path} is empty, it must be {expected}");
            self.lapse(field.key_at, "", message);
        } else {
            let message = format!("{path} must be {expected}, this is {}", node.value.kind());
            self.error(node.at, &node.raw, message);
        }
    }

    /// `key` of `mapping` must be there.
    pub(super) fn missing(&mut self, field: &Field<'_>, key: &str) {
        self.error(
            field.node.at,
            "",
            format!("{} lacks its `{key}`", field.path),
        );
    }
}

fn join(path: &str, key: &str) -> String {
    let key = shorten(key);
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}

/// The first line of `text`, at most [`MAX_TEXT`] characters, without control characters.
fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line
        .chars()
        .take(MAX_TEXT)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if short.len() < text.trim_end().len() {
        short.push('…');
    }
    short
}
