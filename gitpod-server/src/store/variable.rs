//! What every store of environment variables refuses, and how the durable ones write them.

use gitpod_core::environment::MAX_PER_USER;
use gitpod_core::store::{StoredVariable, VariableOwner, VariableScope};
use gitpod_core::{Error, ErrorKind, Result, Retry, Timestamp, VariableId};
use serde::{Deserialize, Serialize};

/// What is stored of a variable in clear: all but name and value.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct VariableRecord {
    pub(super) created_at: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    prebuilds_only: bool,
}

impl VariableRecord {
    pub(super) fn of(variable: &StoredVariable, created_at: Timestamp) -> Self {
        Self {
            created_at,
            prebuilds_only: matches!(
                variable.scope,
                VariableScope::Project {
                    prebuilds_only: true,
                    ..
                }
            ),
        }
    }

    pub(super) fn scope(&self, owner: &str, pattern: &str) -> Result<VariableScope> {
        let unknown = || {
            Error::unexpected("the owner of a stored variable cannot be read")
                .with_context("owner", owner)
        };
        let (kind, id) = owner.split_once('/').ok_or_else(unknown)?;
        Ok(match kind {
            "user" => VariableScope::User {
                user: id.parse()?,
                pattern: pattern.parse()?,
            },
            "project" => VariableScope::Project {
                project: id.parse()?,
                prebuilds_only: self.prebuilds_only,
            },
            "organization" => VariableScope::Organization {
                organization: id.parse()?,
            },
            _ => return Err(unknown()),
        })
    }
}

/// The pattern's column; empty for owners who have none.
pub(super) fn pattern_of(variable: &StoredVariable) -> String {
    let pattern = variable.scope.pattern();
    pattern.map(ToString::to_string).unwrap_or_default()
}

/// What the value is bound to.
pub(super) fn place(id: VariableId, owner: &str, name: &str) -> String {
    format!("variables/{id}/{owner}/{name}")
}

pub(super) fn check_owner(variable: &StoredVariable, known: Option<VariableOwner>) -> Result<()> {
    if known.is_none_or(|known| known == variable.scope.owner()) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Conflict,
        "the id is that of a variable of another owner",
    )
    .with_retry(Retry::Never)
    .with_context("variable", variable.id))
}

pub(super) fn check_count(variable: &StoredVariable, count: usize) -> Result<()> {
    if count < MAX_PER_USER {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::RateLimited,
        "there are too many environment variables",
    )
    .with_retry(Retry::Never)
    .with_context("owner", variable.scope.owner())
    .with_context("most", MAX_PER_USER)
    .with_hint("remove some first"))
}

pub(super) fn taken(variable: &StoredVariable) -> Error {
    let error = Error::new(
        ErrorKind::AlreadyExists,
        "there is an environment variable of this name already",
    )
    .with_context("name", &variable.name)
    .with_hint("change that one, or delete it first");
    match variable.scope.pattern() {
        Some(pattern) => error.with_context("pattern", pattern),
        None => error,
    }
}
