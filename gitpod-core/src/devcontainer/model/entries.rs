//! Objects with keys of the user's own, in the order of the file; and values that may stand alone or in a list.

use serde::{Serialize, Serializer};

use crate::devcontainer::check::{Check, Field, items};
use crate::devcontainer::tree::Value;

/// Serializes pairs as an object.
pub(super) fn as_map<S: Serializer, V: Serialize>(
    entries: &[(String, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
}

/// A value, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// The value itself.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// The values, in order.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    pub(super) fn read(
        check: &mut Check,
        field: Option<Field<'_>>,
        mut read: impl FnMut(&mut Check, Field<'_>) -> Option<T>,
    ) -> Option<Self> {
        let field = field?;
        if !matches!(field.node.value, Value::List(_)) {
            return read(check, field).map(Self::One);
        }
        let values = items(&field).into_iter();
        Some(Self::Many(
            values.filter_map(|item| read(check, item)).collect(),
        ))
    }
}

/// `containerEnv`, `build.args`: names with texts. A number or true/false is taken as it stands in lenient mode.
pub(super) fn texts(check: &mut Check, field: Option<Field<'_>>) -> Vec<(String, String)> {
    let Some(object) = field.and_then(|field| check.open_object(&field)) else {
        return Vec::new();
    };
    let entries = object.iter();
    entries
        .filter_map(|(name, field)| Some((name.to_owned(), plain_text(check, &field)?)))
        .collect()
}

/// `remoteEnv`: names with texts, or with `null` for what shall not be set.
pub(super) fn optional_texts(
    check: &mut Check,
    field: Option<Field<'_>>,
) -> Vec<(String, Option<String>)> {
    let Some(object) = field.and_then(|field| check.open_object(&field)) else {
        return Vec::new();
    };
    let entries = object.iter();
    entries
        .filter_map(|(name, field)| match field.node.value {
            Value::Null => Some((name.to_owned(), None)),
            _ => Some((name.to_owned(), Some(plain_text(check, &field)?))),
        })
        .collect()
}

fn plain_text(check: &mut Check, field: &Field<'_>) -> Option<String> {
    match &field.node.value {
        Value::Bool(_) | Value::Number(_) => {
            let (path, kind, raw) = (&field.path, field.node.kind(), field.node.raw());
            let message = format!("{path} must be a text, this is {kind}; put it in quotes");
            check.lapse(field.node.at, raw, message);
            Some(raw.to_owned())
        }
        _ => check.text(Some(field.clone())),
    }
}
