use serde::Serialize;

use super::entries;
use crate::devcontainer::check::{Check, Field, items};
use crate::devcontainer::tree::Value;

/// A command of the life cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Command {
    /// One command.
    One(Step),
    /// Several named ones that run at the same time; all of them must succeed.
    #[serde(serialize_with = "entries::as_map")]
    Parallel(Vec<(String, Step)>),
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A line for `/bin/sh`.
    Shell(String),
    /// A program and its arguments; no shell looks at them.
    Exec(Vec<String>),
}

impl Step {
    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Shell(line) => line.trim().is_empty(),
            Self::Exec(words) => words.is_empty(),
        }
    }
}

impl Command {
    /// Its steps, in the order of the file.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let (one, many) = match self {
            Self::One(step) => (Some(step), None),
            Self::Parallel(steps) => (None, Some(steps.iter().map(|(_, step)| step))),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    pub(super) fn read(check: &mut Check, field: Option<Field<'_>>) -> Option<Self> {
        let field = field?;
        if !matches!(field.node.value, Value::Object(_)) {
            let expected = "a text, a list of texts, or an object of these";
            return step(check, &field, expected).map(Self::One);
        }
        let object = check.open_object(&field)?;
        let mut steps = Vec::new();
        for (name, field) in object.iter() {
            let step = step(check, &field, "a text or a list of texts");
            steps.extend(step.map(|step| (name.to_owned(), step)));
        }
        Some(Self::Parallel(steps))
    }
}

fn step(check: &mut Check, field: &Field<'_>, expected: &str) -> Option<Step> {
    match &field.node.value {
        Value::Text(line) => Some(Step::Shell(line.clone())),
        Value::List(_) => {
            let words = items(field).into_iter();
            Some(Step::Exec(
                words.filter_map(|word| check.text(Some(word))).collect(),
            ))
        }
        _ => {
            check.wrong_kind(field, expected);
            None
        }
    }
}
