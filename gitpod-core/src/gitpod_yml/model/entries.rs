//! Mappings with keys of the user's own, in the order of the file.

use serde::Serializer;

use crate::gitpod_yml::check::{Check, Field};
use crate::gitpod_yml::problem::Position;

/// Serializes pairs as a mapping.
pub(super) fn as_map<S: Serializer, V: serde::Serialize>(
    entries: &[(String, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
}

/// `env`: names of variables with texts.
pub(super) fn env(check: &mut Check, field: Option<Field<'_>>) -> Vec<(String, String)> {
    let Some(mapping) = field.and_then(|field| check.open_mapping(&field)) else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for (name, at, field) in mapping.iter() {
        check_variable(check, name, at);
        entries.extend(
            check
                .text(Some(field))
                .map(|value| (name.to_owned(), value)),
        );
    }
    entries
}

/// Warns about a name that no shell can use.
pub(super) fn check_variable(check: &mut Check, name: &str, at: Position) {
    if !is_variable_name(name) {
        let message = "not a name of an environment variable; it is ignored";
        check.warn(at, name, message);
    }
}

/// Whether a shell can use `name` as a variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `gitConfig`: names such as `core.autocrlf` with texts.
pub(super) fn git_config(check: &mut Check, field: Option<Field<'_>>) -> Vec<(String, String)> {
    let Some(mapping) = field.and_then(|field| check.open_mapping(&field)) else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    for (name, at, field) in mapping.iter() {
        if !is_git_setting(name) {
            let message = "not a name of a git setting (section.name); it is ignored";
            check.warn(at, name, message);
        }
        entries.extend(
            check
                .text(Some(field))
                .map(|value| (name.to_owned(), value)),
        );
    }
    entries
}

/// `section.name` or `section.subsection.name`, as git itself defines them.
pub(in crate::gitpod_yml) fn is_git_setting(name: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let (Some((section, rest)), Some((_, key))) = (name.split_once('.'), name.rsplit_once('.'))
    else {
        return false;
    };
    word(section)
        && word(key)
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && !rest.chars().any(|c| c.is_control() || c == '=')
}
