//! Variables in texts: `${localEnv:NAME:default}` and the like.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::notice::Notices;
use super::shell::quote;

/// How many bytes variables may add to a file's texts in all: a file cannot multiply itself without end.
const MAX_ADDED: usize = 1 << 20;

/// What variables stand for.
#[derive(Debug)]
pub(super) struct Variables<'s> {
    /// Where the repository is, absolute.
    pub(super) repository: String,
    /// What the editor opens, absolute.
    pub(super) workspace_folder: String,
    pub(super) id: &'s str,
    pub(super) local_env: &'s BTreeMap<String, String>,
    /// What is known of the container's environment.
    pub(super) container_env: BTreeMap<String, String>,
    added: Cell<usize>,
}

/// A text whose variables are replaced, as far as their values are known ahead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evaluated(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// Known in the container only.
    Container {
        name: String,
        default: Option<String>,
    },
    /// Not a variable of the specification, as written.
    Unknown(String),
}

impl<'s> Variables<'s> {
    pub(super) fn new(
        repository: String,
        id: &'s str,
        local_env: &'s BTreeMap<String, String>,
        container_env: BTreeMap<String, String>,
    ) -> Self {
        Self {
            workspace_folder: repository.clone(),
            repository,
            id,
            local_env,
            container_env,
            added: Cell::new(0),
        }
    }

    /// Replaces the variables of `text`, the value of `property`.
    pub(super) fn evaluate(
        &self,
        property: &str,
        text: &str,
        notices: &mut Notices<'_>,
    ) -> Evaluated {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((variable, after)) = after.split_once('}') else {
                break;
            };
            push(&mut parts, before);
            let value = self.value(property, variable, notices);
            match value {
                Part::Text(value) => {
                    let added = self.added.get().saturating_add(value.len());
                    if added <= MAX_ADDED {
                        self.added.set(added);
                        push(&mut parts, &value);
                    } else {
                        let instead = "variables add too much to this file; this one is left out";
                        notices.ignored(property, instead);
                    }
                }
                part => parts.push(part),
            }
            rest = after;
        }
        push(&mut parts, rest);
        Evaluated(parts)
    }

    fn value(&self, property: &str, variable: &str, notices: &mut Notices<'_>) -> Part {
        let mut words = variable.splitn(3, ':');
        let (kind, name, default) = (words.next(), words.next(), words.next());
        let basename = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let text = match (kind.unwrap_or_default(), name) {
            ("localWorkspaceFolder", _) => self.repository.clone(),
            ("localWorkspaceFolderBasename", _) => basename(&self.repository),
            ("containerWorkspaceFolder", _) => self.workspace_folder.clone(),
            ("containerWorkspaceFolderBasename", _) => basename(&self.workspace_folder),
            ("devcontainerId", _) => self.id.to_owned(),
            ("localEnv" | "env", Some(name)) => match (self.local_env.get(name), default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => default.to_owned(),
                (None, None) => {
                    let instead =
                        format!("there is no local machine here; `${{{variable}}}` is empty");
                    notices.adapted(property, instead);
                    String::new()
                }
            },
            ("containerEnv", Some(name)) => match self.container_env.get(name) {
                Some(value) => value.clone(),
                None => {
                    return Part::Container {
                        name: name.to_owned(),
                        default: default.map(str::to_owned),
                    };
                }
            },
            _ => return Part::Unknown(format!("${{{variable}}}")),
        };
        Part::Text(text)
    }
}

fn push(parts: &mut Vec<Part>, text: &str) {
    if let Some(Part::Text(last)) = parts.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

impl Evaluated {
    /// The text, if every variable's value is known.
    pub(super) fn plain(&self) -> Option<String> {
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Container { .. } | Part::Unknown(_) => None,
        };
        self.0.iter().map(text).collect()
    }

    /// The text for a value that only data is made of: what no variable of the specification is stays as written.
    pub(super) fn value(&self) -> Option<String> {
        let text = |part: &Part| match part {
            Part::Text(text) | Part::Unknown(text) => Some(text.clone()),
            Part::Container { .. } => None,
        };
        self.0.iter().map(text).collect()
    }

    /// The text as part of a shell's line. What no variable of the specification is may be one of the shell.
    pub(super) fn line(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) | Part::Unknown(text) => text.clone(),
            Part::Container { name, default } => expansion(name, default.as_deref()),
        };
        self.0.iter().map(text).collect()
    }

    /// The text as one word of a shell's line; the shell fills in what is known in the container only.
    pub(super) fn word(&self) -> String {
        if self.0.is_empty() {
            return quote("");
        }
        let text = |part: &Part| match part {
            Part::Text(text) | Part::Unknown(text) => quote(text),
            Part::Container { name, default } => {
                format!("\"{}\"", expansion(name, default.as_deref()))
            }
        };
        self.0.iter().map(text).collect()
    }
}

/// `${NAME}` or `${NAME-default}` for a shell; nothing for what is not a name, no default that the shell would look into.
fn expansion(name: &str, default: Option<&str>) -> String {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let is_name = !name.is_empty() && name.bytes().all(is_word);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:,@%+ ".contains(&b);
    match default.filter(|text| text.bytes().all(plain)) {
        _ if !is_name || name.as_bytes()[0].is_ascii_digit() => String::new(),
        Some(default) => format!("${{{name}-{default}}}"),
        None => format!("${{{name}-}}"),
    }
}
