//! The file as a tree in which every node knows its place.

use std::collections::HashMap;

use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, ast, parse_to_ast};
use serde_json::Value as Json;

use super::{MAX_BYTES, MAX_DEPTH, MAX_VALUES};
use crate::gitpod_yml::Position;

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As it stands in the file.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Position,
    pub(super) value: Node,
}

/// Why there is no tree, or what is odd about one.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Position,
    pub(super) text: String,
    pub(super) message: String,
}

impl Node {
    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// A scalar as it stands in the file; nothing of lists and objects.
    pub(super) fn raw(&self) -> &str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Number(text) | Value::Text(text) => text,
            Value::List(_) | Value::Object(_) => "",
        }
    }

    /// As JSON; a number that does not fit as the text it is in the file.
    pub(super) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone()))
            }
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Object(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.to_json()))
                .collect(),
        }
    }
}

/// The tree of `text`, and which keys are given twice in it.
pub(super) fn read(text: &str) -> Result<(Node, Vec<Fault>), Fault> {
    let refuse = |at, message: &str| Fault {
        at,
        text: String::new(),
        message: message.to_owned(),
    };
    if text.len() > MAX_BYTES {
        let message = format!("the file is longer than {MAX_BYTES} bytes");
        return Err(refuse(Position::START, &message));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Comments and trailing commas, nothing else that JSON does not have.
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let mut cursor = Cursor::new(text);
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let at = cursor.advance(error.range().start);
        let line = text
            .lines()
            .nth(usize::try_from(at.line).map_or(0, |n| n - 1));
        Fault {
            at,
            text: line.unwrap_or_default().trim().to_owned(),
            message: format!("not JSON with comments: {}", reason(error.kind())),
        }
    })?;
    let Some(value) = parsed.value else {
        return Err(refuse(Position::START, "the file is empty"));
    };
    let mut builder = Builder {
        cursor,
        values: 0,
        odd: Vec::new(),
    };
    let node = builder.node(value, 0)?;
    Ok((node, builder.odd))
}

fn reason(kind: &ParseErrorKind) -> String {
    match kind {
        ParseErrorKind::ExpectedComma => String::from("a comma is missing after this"),
        ParseErrorKind::UnterminatedObject => String::from("the `{` here is never closed"),
        ParseErrorKind::UnterminatedArray => String::from("the `[` here is never closed"),
        ParseErrorKind::NestingDepthExceeded => String::from("nested too deeply"),
        ParseErrorKind::SingleQuotedStringsNotAllowed => {
            String::from("texts stand in double quotes")
        }
        ParseErrorKind::ExpectedStringObjectProperty => String::from("keys stand in double quotes"),
        other => {
            let text = other.to_string();
            let mut characters = text.chars();
            let first = characters.next().into_iter().flat_map(char::to_lowercase);
            first.chain(characters).collect()
        }
    }
}

/// Finds lines and columns. The places asked for come in the file's order, so that each character is looked at once.
#[derive(Debug)]
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    at: Position,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            offset: 0,
            at: Position::START,
        }
    }

    fn advance(&mut self, to: usize) -> Position {
        let passed = self.text.get(self.offset..to).unwrap_or_default();
        for character in passed.chars() {
            if character == '\n' {
                self.at.line += 1;
                self.at.column = 1;
            } else {
                self.at.column += 1;
            }
        }
        self.offset = to.max(self.offset);
        self.at
    }
}

#[derive(Debug)]
struct Builder<'t> {
    cursor: Cursor<'t>,
    values: usize,
    odd: Vec<Fault>,
}

impl Builder<'_> {
    fn node(&mut self, value: ast::Value<'_>, depth: usize) -> Result<Node, Fault> {
        let at = self.cursor.advance(value.range().start);
        self.values += 1;
        let limit = |message: String| Fault {
            at,
            text: String::new(),
            message,
        };
        if self.values > MAX_VALUES {
            return Err(limit(format!("the file has more than {MAX_VALUES} values")));
        }
        if depth > MAX_DEPTH {
            return Err(limit(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let value = match value {
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::NumberLit(literal) => Value::Number(literal.value.to_owned()),
            ast::Value::StringLit(literal) => Value::Text(literal.value.into_owned()),
            ast::Value::Array(array) => {
                let items = array.elements.into_iter();
                Value::List(
                    items
                        .map(|item| self.node(item, depth + 1))
                        .collect::<Result<_, _>>()?,
                )
            }
            ast::Value::Object(object) => Value::Object(self.entries(object, depth + 1)?),
        };
        Ok(Node { at, value })
    }

    /// Of a key that is given twice the last value counts, as for every reader of JSON.
    fn entries(&mut self, object: ast::Object<'_>, depth: usize) -> Result<Vec<Entry>, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for property in object.properties {
            let at = self.cursor.advance(property.range.start);
            let key = property.name.into_string();
            let entry = Entry {
                value: self.node(property.value, depth)?,
                key: key.clone(),
                at,
            };
            if let Some(&index) = known.get(&key) {
                self.odd.push(Fault {
                    at,
                    text: key,
                    message: String::from("given twice; this one counts"),
                });
                entries[index] = entry;
            } else {
                known.insert(key, entries.len());
                entries.push(entry);
            }
        }
        Ok(entries)
    }
}
