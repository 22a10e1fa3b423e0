//! The file as a tree in which every node knows its place.

use serde_json::Value as Json;

use super::scalar::Word;
use crate::configuration::Position;

/// A place in the text, in bytes: cheap to note for every node, turned into line and column for the few that are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::gitpod_yml) struct Place {
    /// Lines before it.
    pub(super) line: usize,
    /// Where its line begins.
    pub(super) line_start: usize,
    /// The byte itself.
    pub(super) at: usize,
}

impl Place {
    /// Line and column, counted from 1; columns in characters.
    pub(in crate::gitpod_yml) fn position(self, text: &str) -> Position {
        let number = |count: usize| u64::try_from(count + 1).unwrap_or(u64::MAX);
        // Beyond the end is a line end that the file lacks: what is told there is told at the end.
        let (line, start) = if self.line_start > text.len() {
            let start = text.rfind(['\n', '\r']).map_or(0, |end| end + 1);
            (self.line - 1, start)
        } else {
            (self.line, self.line_start)
        };
        let before = text.get(start..self.at.min(text.len()));
        Position {
            line: number(line),
            column: number(before.map_or(0, |before| before.chars().count())),
        }
    }

    /// The line it is in, without its end.
    pub(in crate::gitpod_yml) fn line(self, text: &str) -> &str {
        let rest = text.get(self.line_start..).unwrap_or_default();
        rest.split(['\n', '\r']).next().unwrap_or_default()
    }
}

/// A value with its place.
#[derive(Debug, Clone, Default)]
pub(in crate::gitpod_yml) struct Node {
    pub(in crate::gitpod_yml) at: Place,
    pub(in crate::gitpod_yml) value: Value,
    /// A number, a date, or true or false as it stands in the file.
    raw: String,
}

#[derive(Debug, Clone, Default)]
pub(in crate::gitpod_yml) enum Value {
    #[default]
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Date,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(in crate::gitpod_yml) struct Entry {
    pub(in crate::gitpod_yml) key: String,
    pub(in crate::gitpod_yml) at: Place,
    pub(in crate::gitpod_yml) value: Node,
}

impl Value {
    /// What it is, for people.
    pub(in crate::gitpod_yml) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Date => "a date",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Node {
    pub(super) fn new(at: Place, value: Value) -> Self {
        Self {
            at,
            value,
            raw: String::new(),
        }
    }

    /// What the unquoted `text` means.
    pub(super) fn of_word(at: Place, meaning: Word, text: String) -> Self {
        let value = match meaning {
            Word::Null => Value::Null,
            Word::Bool(value) => Value::Bool(value),
            Word::Integer(value) => Value::Integer(value),
            Word::Float(value) => Value::Float(value),
            Word::Date => Value::Date,
            Word::Text => return Self::new(at, Value::Text(text)),
        };
        Self {
            at,
            value,
            raw: text,
        }
    }

    /// As it stands in the file; empty for lists and mappings.
    pub(in crate::gitpod_yml) fn shown(&self) -> &str {
        match &self.value {
            Value::Text(text) => text,
            _ => &self.raw,
        }
    }

    /// As JSON; dates and numbers that JSON cannot hold as the text they are in the file.
    pub(in crate::gitpod_yml) fn to_json(&self) -> Json {
        let text = || Json::String(self.shown().to_owned());
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Integer(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => Json::from(value),
                (_, Ok(value)) => Json::from(value),
                _ => text(),
            },
            Value::Float(value) => {
                serde_json::Number::from_f64(*value).map_or_else(text, Json::Number)
            }
            Value::Date | Value::Text(_) => text(),
            Value::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()))
                    .collect(),
            ),
        }
    }
}
