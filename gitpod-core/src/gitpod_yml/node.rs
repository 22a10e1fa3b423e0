//! The file as a tree in which every node knows its place.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_saphyr::{Location, Spanned};

use super::problem::Position;
use super::scalar::{self, Word};

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) value: Value,
    /// As it stands in the file (scalars only).
    pub(super) raw: String,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
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
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Position,
    pub(super) value: Node,
}

impl Value {
    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
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

impl Position {
    pub(super) fn of(location: Location) -> Self {
        Self {
            line: location.line().max(1),
            column: location.column().max(1),
        }
    }
}

/// What the YAML reader delivers; which unquoted word means what is decided afterwards, from the file's own text.
#[derive(Debug)]
pub(super) enum Raw {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<Self>, Spanned<Self>)>),
}

/// The tree of what was read from `text`.
pub(super) fn tree(read: Spanned<Raw>, text: &str) -> Node {
    let at = Position::of(read.referenced);
    let source = source(read.defined, text);
    let unquoted = source.filter(|word| !word.starts_with(['"', '\'', '|', '>', '!', '&', '*']));
    let value = match read.value {
        Raw::List(items) => Value::List(items.into_iter().map(|item| tree(item, text)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let key = tree(key, text);
                    Entry {
                        at: key.at,
                        key: key.into_key(),
                        value: tree(value, text),
                    }
                })
                .collect(),
        ),
        scalar => match (unquoted, scalar) {
            // Several lines are one text, which the reader has folded; of an empty block nothing is left to look at.
            (Some(word), Raw::Text(folded)) if word.is_empty() || word.contains('\n') => {
                Value::Text(folded)
            }
            (Some(word), Raw::Text(read)) => match scalar::meaning(word) {
                Word::Text => Value::Text(read),
                meaning => meaning.into(),
            },
            (Some(word), _) => match scalar::meaning(word) {
                Word::Text => Value::Text(word.to_owned()),
                meaning => meaning.into(),
            },
            (None, Raw::Null) => Value::Null,
            (None, Raw::Bool(value)) => Value::Bool(value),
            (None, Raw::Integer(value)) => Value::Integer(value),
            (None, Raw::Float(value)) => Value::Float(value),
            (None, Raw::Text(text)) => Value::Text(text),
            (None, Raw::List(_) | Raw::Map(_)) => Value::Null,
        },
    };
    let raw = match &value {
        Value::List(_) | Value::Map(_) => String::new(),
        Value::Text(text) => text.clone(),
        _ => source.unwrap_or_default().to_owned(),
    };
    Node { at, value, raw }
}

/// The text of a node, if the reader tells where it ends.
fn source(location: Location, text: &str) -> Option<&str> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    text.get(start..end).map(str::trim_end)
}

impl From<Word> for Value {
    fn from(word: Word) -> Self {
        match word {
            Word::Null | Word::Text => Self::Null,
            Word::Bool(value) => Self::Bool(value),
            Word::Integer(value) => Self::Integer(value),
            Word::Float(value) => Self::Float(value),
            Word::Date => Self::Date,
        }
    }
}

impl Node {
    /// As JSON; dates and numbers that JSON cannot hold as the text they are in the file.
    pub(super) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Integer(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => Json::from(value),
                (_, Ok(value)) => Json::from(value),
                _ => Json::String(self.raw.clone()),
            },
            Value::Float(value) => serde_json::Number::from_f64(*value)
                .map_or_else(|| Json::String(self.raw.clone()), Json::Number),
            Value::Date => Json::String(self.raw.clone()),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()))
                    .collect(),
            ),
        }
    }

    fn into_key(self) -> String {
        match self.value {
            Value::Null => String::from("null"),
            Value::Text(text) => text,
            Value::List(_) | Value::Map(_) => String::from("[a list or mapping as a key]"),
            _ => self.raw,
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Raw, E> {
        Err(E::custom("binary data has no place in this file"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, _: D) -> Result<Raw, D::Error> {
        Err(D::Error::custom("a tagged value has no place in this file"))
    }
}
