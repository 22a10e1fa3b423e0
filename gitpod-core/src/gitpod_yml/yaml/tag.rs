//! Tags: `!!str 12` is a text.

use super::cursor::{Cursor, Read, fault_at, is_flow_mark, is_space};
use super::node::{Node, Place, Value};
use super::scalar::{self, Word};

/// What a tag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tag {
    /// `!`: what it looks like, not what it means.
    Untyped,
    /// `!!str`, `!!int` and so on.
    Type(&'static str),
    /// `!!merge`.
    Merge,
}

const TYPES: [&str; 8] = [
    "str",
    "seq",
    "map",
    "null",
    "bool",
    "int",
    "float",
    "timestamp",
];

impl Cursor<'_> {
    /// Reads a tag; the place is at its `!`.
    pub(super) fn tag(&mut self) -> Read<Tag> {
        let at = self.place;
        let start = at.at;
        if self.peek(1) == b'<' {
            self.pass(|byte| byte != b'>');
            self.advance();
        } else {
            self.pass(|byte| !is_space(byte));
        }
        let text = self.since(start);
        if text == "!" || text == "!<!>" {
            return Ok(Tag::Untyped);
        }
        let name = text
            .strip_prefix("!!")
            .or_else(|| text.strip_prefix("!<tag:yaml.org,2002:")?.strip_suffix('>'));
        let known = TYPES.iter().find(|known| Some(**known) == name);
        match (known, name) {
            (Some(known), _) => Ok(Tag::Type(known)),
            (None, Some("merge")) => Ok(Tag::Merge),
            _ if text.bytes().any(is_flow_mark) => fault_at(at, "a space must stand after a tag"),
            _ => fault_at(at, "a tag that has no meaning in this file"),
        }
    }
}

/// `value` as the tag wants it; `None` is a value that is not there.
pub(super) fn apply(tag: &Tag, value: Option<Value>, at: Place) -> Result<Node, &'static str> {
    const MISFIT: &str = "the value is not of the type that its tag says";
    let Tag::Type(name) = tag else {
        return match value {
            Some(Value::Text(text)) if text == "<<" => Ok(Node::new(at, Value::Text(text))),
            None => Ok(Node::new(at, Value::Null)),
            _ => Err(MISFIT),
        };
    };
    let value = match (*name, value) {
        ("str", None) => Value::Text(String::new()),
        ("seq", None) => Value::List(Vec::new()),
        ("map", None) => Value::Map(Vec::new()),
        ("null", None) => Value::Null,
        ("seq", Some(value @ Value::List(_))) | ("map", Some(value @ Value::Map(_))) => value,
        ("str", Some(value)) if !matches!(value, Value::List(_) | Value::Map(_)) => value,
        (name, Some(Value::Text(text))) => {
            let meaning = scalar::meaning(&text);
            let meaning = match (name, meaning) {
                ("null", Word::Null)
                | ("bool", Word::Bool(_))
                | ("int", Word::Integer(_))
                | ("timestamp", Word::Date) => meaning,
                ("float", Word::Float(_)) => meaning,
                ("float", Word::Integer(_)) if scalar::is_float(&text) => meaning,
                _ => return Err(MISFIT),
            };
            return Ok(Node::of_word(at, meaning, text));
        }
        _ => return Err(MISFIT),
    };
    Ok(Node::new(at, value))
}
