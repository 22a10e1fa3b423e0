use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Action, Operation, Resource};
use crate::{Error, InstanceId, Result, WorkspaceId};

/// Most scopes of one token.
const MAX_SCOPES: usize = 256;
/// Longest scope.
const MAX_LENGTH: usize = 512;

/// One thing that a token allows. Prints as it parses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// `function:*`: calling every method.
    EveryFunction,
    /// `function:<name>`: calling this one.
    Function(String),
    /// `resource:default`: everything that the user may.
    EveryResource,
    /// `resource:<kind>::<subject>::<operation>[/<operation>]`: these operations on one resource, or on all of a kind (`*`).
    Resource {
        /// Such as `workspace`.
        kind: String,
        /// Its id, or `*`.
        subject: String,
        /// What may be done; without repeats, in the order of [`Operation`].
        operations: Vec<Operation>,
    },
}

const OPERATIONS: [(&str, Operation); 4] = [
    ("create", Operation::Create),
    ("get", Operation::Get),
    ("update", Operation::Update),
    ("delete", Operation::Delete),
];

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let broken = || {
            Error::invalid("not a scope of a token")
                .with_context("scope", text.escape_debug().take(120).collect::<String>())
                .with_hint("scopes are `function:*`, `function:NAME`, `resource:default` and `resource:KIND::ID::get/update`")
        };
        let plain = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c.is_control() || c.is_whitespace())
        };
        if text.len() > MAX_LENGTH {
            return Err(broken());
        }
        match text.split_once(':') {
            Some(("function", "*")) => Ok(Self::EveryFunction),
            Some(("function", name)) if plain(name) => Ok(Self::Function(name.to_owned())),
            Some(("resource", "default")) => Ok(Self::EveryResource),
            Some(("resource", rest)) => {
                let mut parts = rest.split("::");
                let (Some(kind), Some(subject), Some(operations), None) =
                    (parts.next(), parts.next(), parts.next(), parts.next())
                else {
                    return Err(broken());
                };
                let names: Vec<&str> = operations.split('/').collect();
                let known = |name: &&str| OPERATIONS.iter().any(|(known, _)| known == name);
                if !plain(kind) || !plain(subject) || !names.iter().all(known) {
                    return Err(broken());
                }
                let listed = OPERATIONS.iter().filter(|(name, _)| names.contains(name));
                Ok(Self::Resource {
                    kind: kind.to_owned(),
                    subject: subject.to_owned(),
                    operations: listed.map(|(_, operation)| *operation).collect(),
                })
            }
            _ => Err(broken()),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EveryFunction => f.write_str("function:*"),
            Self::Function(name) => write!(f, "function:{name}"),
            Self::EveryResource => f.write_str("resource:default"),
            Self::Resource {
                kind,
                subject,
                operations,
            } => {
                let listed = OPERATIONS.iter().filter(|(_, o)| operations.contains(o));
                let names: Vec<&str> = listed.map(|(name, _)| *name).collect();
                write!(f, "resource:{kind}::{subject}::{}", names.join("/"))
            }
        }
    }
}

/// What a token allows: the union of its scopes, never more than its user may. Methods and resources are two questions; a call
/// needs both answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Nothing.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// All that the user may: what tokens of people have.
    pub fn everything() -> Self {
        Self(vec![Scope::EveryFunction, Scope::EveryResource])
    }

    /// What the supervisor of a workspace needs in its owner's name.
    pub fn of_instance(workspace: &WorkspaceId, instance: InstanceId) -> Self {
        let resource = |kind: &str, subject: String, operations: &[Operation]| Scope::Resource {
            kind: String::from(kind),
            subject,
            operations: operations.to_vec(),
        };
        let (get, update) = (Operation::Get, Operation::Update);
        Self(vec![
            resource("workspace", workspace.to_string(), &[get, update]),
            resource("workspaceInstance", instance.to_string(), &[get, update]),
            resource("snapshot", format!("ws-{workspace}"), &[Operation::Create]),
        ])
    }

    /// Reads scopes.
    ///
    /// # Errors
    /// `InvalidInput`: one that is none, or too many.
    pub fn parse<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Result<Self> {
        let mut scopes: Vec<Scope> = Vec::new();
        for text in texts {
            if scopes.len() == MAX_SCOPES {
                return Err(Error::invalid("a token has too many scopes")
                    .with_context("limit", MAX_SCOPES)
                    .with_hint("use `*` instead of naming each"));
            }
            let scope = text.as_ref().parse()?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        // One order, so that equal sets are equal.
        scopes.sort_by_key(|scope| (rank(scope), scope.to_string()));
        Ok(Self(scopes))
    }

    /// The scopes.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// Whether a method of this name may be called.
    pub fn may_call(&self, method: &str) -> bool {
        self.0.iter().any(|scope| match scope {
            Scope::EveryFunction => true,
            Scope::Function(name) => name == method,
            Scope::EveryResource | Scope::Resource { .. } => false,
        })
    }

    /// Whether every method may be called, as the public API demands.
    pub fn may_call_all(&self) -> bool {
        self.0.contains(&Scope::EveryFunction)
    }

    /// Whether these allow `action` on `resource`, if the user may.
    pub fn permit(&self, action: Action, resource: Resource<'_>) -> bool {
        if self.0.contains(&Scope::EveryResource) {
            return true;
        }
        let Some((wanted, id)) = subject(action, resource) else {
            return false;
        };
        let operation = action.operation();
        self.0.iter().any(|scope| match scope {
            Scope::Resource {
                kind,
                subject,
                operations,
            } => {
                kind == wanted
                    && (subject == "*" || *subject == id)
                    && operations.contains(&operation)
            }
            Scope::EveryFunction | Scope::Function(_) | Scope::EveryResource => false,
        })
    }

    /// Whether everything that `other` allows is allowed by these: what a token may hand on.
    pub fn include(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.includes(scope))
    }

    fn includes(&self, wanted: &Scope) -> bool {
        match wanted {
            Scope::EveryFunction => self.may_call_all(),
            Scope::Function(name) => self.may_call(name),
            Scope::EveryResource => self.0.contains(wanted),
            Scope::Resource {
                kind,
                subject,
                operations,
            } => operations.iter().all(|operation| {
                self.0.iter().any(|scope| match scope {
                    Scope::EveryResource => true,
                    Scope::Resource {
                        kind: has,
                        subject: of,
                        operations,
                    } => {
                        has == kind
                            && (of == "*" || of == subject)
                            && operations.contains(operation)
                    }
                    Scope::EveryFunction | Scope::Function(_) => false,
                })
            }),
        }
    }
}

const fn rank(scope: &Scope) -> u8 {
    match scope {
        Scope::EveryFunction => 0,
        Scope::Function(_) => 1,
        Scope::EveryResource => 2,
        Scope::Resource { .. } => 3,
    }
}

/// How scopes name what `action` on `resource` is about; `None` for what only a whole user may.
fn subject(action: Action, resource: Resource<'_>) -> Option<(&'static str, String)> {
    if action.operation() == Operation::Whole {
        return None;
    }
    Some(match (action, resource) {
        (Action::CreateSnapshot, Resource::Workspace { id, .. }) => {
            ("snapshot", format!("ws-{id}"))
        }
        (Action::CreateToken, Resource::User { id, .. }) => ("gitpodToken", id.to_string()),
        (Action::CreateWorkspace, Resource::Organization { id }) => ("workspace", id.to_string()),
        (Action::CreateProject, Resource::Organization { id }) => ("project", id.to_string()),
        (Action::StartPrebuild, Resource::Project { id, .. }) => ("prebuild", id.to_string()),
        (Action::ReadUserSecrets | Action::UpdateUserSecrets, Resource::User { id, .. }) => {
            ("envVar", id.to_string())
        }
        (_, Resource::Installation) => ("installation", String::from("default")),
        (_, Resource::User { id, .. }) => ("user", id.to_string()),
        (_, Resource::Organization { id }) => ("organization", id.to_string()),
        (_, Resource::Project { id, .. }) => ("project", id.to_string()),
        (_, Resource::Prebuild { id, .. }) => ("prebuild", id.to_string()),
        (_, Resource::Workspace { id, .. } | Resource::Port { workspace: id, .. }) => {
            ("workspace", id.to_string())
        }
        (_, Resource::Snapshot { id, .. }) => ("snapshot", id.to_string()),
        (_, Resource::Token { owner }) => ("gitpodToken", owner.to_string()),
    })
}

impl TryFrom<Vec<String>> for Scopes {
    type Error = Error;

    fn try_from(texts: Vec<String>) -> Result<Self> {
        Self::parse(texts)
    }
}

impl From<Scopes> for Vec<String> {
    fn from(scopes: Scopes) -> Self {
        scopes.0.iter().map(Scope::to_string).collect()
    }
}
