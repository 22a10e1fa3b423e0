//! Checks a file along the table.

use std::fmt;

use super::{Key, Object, Shape};
use crate::configuration::{Severity, nearest, shorten};
use crate::gitpod_yml::check::Check;

use crate::gitpod_yml::yaml::{Entry, Node, Place, Value};

/// Longest part of a key that paths show.
const MAX_KEY: usize = 80;

/// The way to a value; it becomes text only when there is something to tell.
#[derive(Debug, Clone, Copy)]
enum Path<'p> {
    File,
    Key(&'p Self, &'p str),
    Item(&'p Self, usize),
}

/// Notes everything about `file` that is not as `shape` has it.
pub(in crate::gitpod_yml) fn judge(check: &mut Check<'_>, file: &Node, shape: &Shape) {
    value(check, Path::File, file.at, file, shape);
}

/// `key_at` is the place of the key; of the value itself in a list.
fn value(check: &mut Check<'_>, path: Path<'_>, key_at: Place, node: &Node, shape: &Shape) {
    if !fits(shape, node) {
        return misfit(check, path, key_at, node, shape);
    }
    match (shape, &node.value) {
        (Shape::Either(shapes), _) => {
            if let Some(shape) = shapes.iter().find(|shape| fits(shape, node)) {
                value(check, path, key_at, node, shape);
            }
        }
        (Shape::List(shape), Value::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                value(check, Path::Item(&path, index), item.at, item, shape);
            }
        }
        (Shape::Map(Some(shape)), Value::Map(entries)) => {
            for entry in entries {
                let path = Path::Key(&path, &entry.key);
                value(check, path, entry.at, &entry.value, shape);
            }
        }
        (Shape::Object(object), Value::Map(entries)) => {
            keys(check, path, node, object, entries);
        }
        (Shape::Map(_) | Shape::Object(_), Value::Date) => {
            let message = format!("{path} is a date; it is taken for an empty mapping");
            check.warn(node.at, node.shown(), message);
            if let Shape::Object(object) = shape {
                keys(check, path, node, object, &[]);
            }
        }
        (Shape::Choice(choices), Value::Text(text)) if !choices.contains(&text.as_str()) => {
            let message = format!("{path} must be one of {}", choices.join(", "));
            let suggestion = nearest(text, choices.iter().copied()).map(str::to_owned);
            check.note(Severity::Error, node.at, text, message, suggestion);
        }
        (Shape::Range, Value::Text(text)) if !is_range(text) => port(check, path, node, text),
        _ => {}
    }
}

/// Whether the value's kind is one that `shape` takes.
fn fits(shape: &Shape, node: &Node) -> bool {
    let value = &node.value;
    match shape {
        Shape::Any => true,
        Shape::Text | Shape::Choice(_) | Shape::Range => matches!(value, Value::Text(_)),
        Shape::Bool => matches!(value, Value::Bool(_)),
        Shape::Number => matches!(value, Value::Integer(_) | Value::Float(_)),
        Shape::List(_) => matches!(value, Value::List(_)),
        // A date is an object in JavaScript, and the original's schema lets it pass as one.
        Shape::Map(_) | Shape::Object(_) => matches!(value, Value::Map(_) | Value::Date),
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(shape, node)),
    }
}

fn misfit(check: &mut Check<'_>, path: Path<'_>, key_at: Place, node: &Node, shape: &Shape) {
    let expected = expected(shape);
    let kind = node.value.kind();
    match (&node.value, shape) {
        (Value::Null, _) => {
            let message = format!("{path} is empty, it must be {expected}");
            check.lapse(key_at, "", message);
        }
        // Clear enough: it is taken as it stands.
        (Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Date, Shape::Text) => {
            let message = format!("{path} must be {expected}, this is {kind}; put it in quotes");
            check.lapse(node.at, node.shown(), message);
        }
        _ => {
            let message = format!("{path} must be {expected}, this is {kind}");
            check.error(node.at, node.shown(), message);
        }
    }
}

/// What `shape` takes, for people.
fn expected(shape: &Shape) -> String {
    String::from(match shape {
        Shape::Any => "anything",
        Shape::Text | Shape::Choice(_) => "a text",
        Shape::Bool => "true or false",
        Shape::Number => "a number",
        Shape::Range => "a range such as 3000-3999",
        Shape::List(_) => "a list (`- item` lines)",
        Shape::Map(_) | Shape::Object(_) => "a mapping (`key: value` lines)",
        Shape::Either(shapes) => {
            let each: Vec<String> = shapes.iter().map(expected).collect();
            return each.join(" or ");
        }
    })
}

fn keys(check: &mut Check<'_>, path: Path<'_>, node: &Node, object: &Object, entries: &[Entry]) {
    for entry in entries {
        match object.keys.iter().find(|key| key.name == entry.key) {
            None => unknown(check, path, object, entry),
            Some(key) => {
                if let Some(why) = key.deprecated {
                    check.warn(entry.at, &entry.key, why);
                }
                let path = Path::Key(&path, &entry.key);
                value(check, path, entry.at, &entry.value, &key.shape);
            }
        }
    }
    let missing = |key: &&Key| key.required && entries.iter().all(|entry| entry.key != key.name);
    for key in object.keys.iter().filter(missing) {
        check.error(node.at, "", format!("{path} lacks its `{}`", key.name));
    }
}

fn unknown(check: &mut Check<'_>, path: Path<'_>, object: &Object, entry: &Entry) {
    let message = match path {
        Path::File => String::from("unknown key at the top level"),
        path => format!("unknown key in {path}"),
    };
    let severity = if object.open {
        Severity::Warning
    } else {
        check.lapse_severity()
    };
    // Of thousands of unknown keys only the first are told; the others are not worth the comparison.
    let names = object.keys.iter().map(|key| key.name);
    let suggestion = (!check.is_full()).then(|| nearest(&entry.key, names).map(str::to_owned));
    check.note(
        severity,
        entry.at,
        &entry.key,
        message,
        suggestion.flatten(),
    );
}

fn port(check: &mut Check<'_>, path: Path<'_>, node: &Node, text: &str) {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("{path} must be a number, this is a text; leave the quotes out");
        check.lapse(node.at, text, message);
    } else {
        let message = format!("{path} must be a number such as 3000 or a range such as 3000-3999");
        check.error(node.at, text, message);
    }
}

/// Two numbers with `-` or `:` between them.
fn is_range(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once(['-', ':'])
        .is_some_and(|(start, end)| number(start) && number(end))
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Key(Self::File, key) => f.write_str(&shorten(key, MAX_KEY)),
            Self::Key(parent, key) => write!(f, "{parent}.{}", shorten(key, MAX_KEY)),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
