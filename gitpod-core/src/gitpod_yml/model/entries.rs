//! Mappings with keys of the user's own, in the order of the file.

use serde::Serializer;

use crate::environment::is_name;
use crate::gitpod_yml::check::Check;
use crate::gitpod_yml::yaml::{Entry, Node};

/// Serializes pairs as a mapping.
pub(super) fn as_map<S: Serializer, V: serde::Serialize>(
    entries: &[(String, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
}

/// `env`: names of variables with texts.
pub(super) fn env(check: &mut Check<'_>, node: &Node) -> Vec<(String, String)> {
    texts(node, |entry| check_variable(check, entry))
}

/// Warns about a name that no shell can use.
pub(super) fn check_variable(check: &mut Check<'_>, entry: &Entry) {
    if !is_name(&entry.key) {
        let message = "not a name of an environment variable; it is ignored";
        check.warn(entry.at, &entry.key, message);
    }
}

/// The texts of a mapping, each looked at.
fn texts(node: &Node, mut look: impl FnMut(&Entry)) -> Vec<(String, String)> {
    let entries = node.entries().iter();
    entries
        .filter_map(|entry| {
            look(entry);
            Some((entry.key.clone(), entry.value.text()?))
        })
        .collect()
}

/// `gitConfig`: names such as `core.autocrlf` with texts.
pub(super) fn git_config(check: &mut Check<'_>, node: &Node) -> Vec<(String, String)> {
    texts(node, |entry| {
        if !is_git_setting(&entry.key) {
            let message = "not a name of a git setting (section.name); it is ignored";
            check.warn(entry.at, &entry.key, message);
        }
    })
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
