//! Environment variables that users keep for their workspaces.

use std::sync::Arc;

use gitpod_core::access::{Action, Principal, Resource};
use gitpod_core::environment::{Variable, check_variable};
use gitpod_core::store::{StoredVariable, User, VariableOwner, VariableScope, VariableStore};
use gitpod_core::{Error, ErrorKind, Result, Secret, VariableId, WorkspaceId};

use super::{Platform, check};

/// What to change of a variable; `None` leaves as is.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct VariableChange {
    /// Its name.
    pub name: Option<String>,
    /// Its value.
    pub value: Option<Secret<String>>,
    /// For which repositories it is, as `owner/name` with `*` for a part and a last `**` for all that follow.
    pub pattern: Option<String>,
}

impl Platform {
    /// The variables of `by`, with their values.
    ///
    /// # Errors
    /// `Unauthenticated`, `PermissionDenied`; `Unsupported` when the platform keeps none.
    pub async fn variables(&self, by: &Principal) -> Result<Vec<StoredVariable>> {
        let user = account(by, Action::ReadUserSecrets)?;
        self.variable_store()?
            .list(VariableOwner::User(user.id))
            .await
    }

    /// Keeps a variable for the workspaces of `by` in the repositories of `pattern`: from their next start on.
    ///
    /// # Errors
    /// `InvalidInput` for a name, value or pattern that cannot be; `AlreadyExists`; `RateLimited` when there are too many; and
    /// those of [`variables`](Self::variables).
    pub async fn create_variable(
        &self,
        by: &Principal,
        name: &str,
        value: Secret<String>,
        pattern: &str,
    ) -> Result<StoredVariable> {
        let user = account(by, Action::UpdateUserSecrets)?;
        check_variable(name, value.expose())?;
        let scope = VariableScope::User {
            user: user.id,
            pattern: pattern.parse()?,
        };
        let (id, now) = (VariableId::random(), self.clock().now());
        let variable = StoredVariable::new(id, name, value, scope, now);
        self.variable_store()?.put(&variable).await?;
        Ok(variable)
    }

    /// Changes a variable of `by`.
    ///
    /// # Errors
    /// `NotFound`, also for variables of others; and those of [`create_variable`](Self::create_variable).
    pub async fn update_variable(
        &self,
        by: &Principal,
        id: VariableId,
        change: VariableChange,
    ) -> Result<StoredVariable> {
        let user = account(by, Action::UpdateUserSecrets)?;
        let mut variable = self.variable_of(user, id).await?;
        if let Some(name) = change.name {
            variable.name = name;
        }
        if let Some(value) = change.value {
            variable.value = value;
        }
        if let Some(pattern) = change.pattern {
            variable.scope = VariableScope::User {
                user: user.id,
                pattern: pattern.parse()?,
            };
        }
        check_variable(&variable.name, variable.value.expose())?;
        self.variable_store()?.put(&variable).await?;
        Ok(variable)
    }

    /// Forgets a variable of `by`; workspaces that run keep what they have.
    ///
    /// # Errors
    /// `NotFound`, also for variables of others; and those of [`variables`](Self::variables).
    pub async fn delete_variable(&self, by: &Principal, id: VariableId) -> Result<()> {
        let user = account(by, Action::UpdateUserSecrets)?;
        self.variable_of(user, id).await?;
        self.variable_store()?.delete(id).await
    }

    /// What a workspace gets at its next start, with values: for its owner alone.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`; the store cannot be read.
    pub async fn workspace_variables(
        &self,
        by: &Principal,
        id: &WorkspaceId,
    ) -> Result<Vec<Variable>> {
        let workspace = self.visible(by, id, Action::EnterWorkspace).await?;
        let owner = Resource::User {
            id: workspace.spec.owner,
            organization: workspace.spec.organization,
        };
        check(by, Action::ReadUserSecrets, owner)?;
        let environment = self.inner.driver.environment(&workspace).await?;
        Ok(environment.variables)
    }

    async fn variable_of(&self, user: &User, id: VariableId) -> Result<StoredVariable> {
        let found = self.variable_store()?.get(id).await?;
        let own = VariableOwner::User(user.id);
        found
            .filter(|variable| variable.scope.owner() == own)
            .ok_or_else(|| {
                Error::not_found("you have no such environment variable")
                    .with_context("variable", id)
                    .with_hint("`gitpod env list` shows yours")
            })
    }

    fn variable_store(&self) -> Result<&Arc<dyn VariableStore>> {
        let store = self.inner.driver.parts.variables.as_ref();
        store.ok_or_else(|| {
            Error::unsupported("this platform keeps no environment variables")
                .with_hint("set them in the address or in the repository's configuration")
        })
    }
}

/// The user whose secrets are meant, if `by` may do `action` with them.
fn account(by: &Principal, action: Action) -> Result<&User> {
    let user = by
        .user()
        .ok_or_else(|| Error::new(ErrorKind::Unauthenticated, "nobody is signed in"))?;
    let account = Resource::User {
        id: user.id,
        organization: user.organization,
    };
    check(by, action, account)?;
    Ok(user)
}
