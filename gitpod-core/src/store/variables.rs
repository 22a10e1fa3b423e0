use std::fmt;

use async_trait::async_trait;

use crate::environment::{ProjectVariable, RepositoryPattern, UserVariable};
use crate::{OrganizationId, ProjectId, Result, Secret, Timestamp, UserId, VariableId};

/// Whose a stored environment variable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VariableOwner {
    /// A user's: for their workspaces of some repositories.
    User(UserId),
    /// A project's.
    Project(ProjectId),
    /// An organization's: for all its projects.
    Organization(OrganizationId),
}

/// As `user/<id>`, `project/<id>` or `organization/<id>`.
impl fmt::Display for VariableOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user/{id}"),
            Self::Project(id) => write!(f, "project/{id}"),
            Self::Organization(id) => write!(f, "organization/{id}"),
        }
    }
}

/// Whose a stored environment variable is, and for what it is meant there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VariableScope {
    /// A user's.
    User {
        /// Whose.
        user: UserId,
        /// For workspaces of which repositories.
        pattern: RepositoryPattern,
    },
    /// A project's.
    Project {
        /// Whose.
        project: ProjectId,
        /// Whether only prebuilds get it.
        prebuilds_only: bool,
    },
    /// An organization's.
    Organization {
        /// Whose.
        organization: OrganizationId,
    },
}

impl VariableScope {
    /// Whose it is.
    pub fn owner(&self) -> VariableOwner {
        match self {
            Self::User { user, .. } => VariableOwner::User(*user),
            Self::Project { project, .. } => VariableOwner::Project(*project),
            Self::Organization { organization } => VariableOwner::Organization(*organization),
        }
    }

    /// The pattern of a user's variable.
    pub fn pattern(&self) -> Option<&RepositoryPattern> {
        match self {
            Self::User { pattern, .. } => Some(pattern),
            Self::Project { .. } | Self::Organization { .. } => None,
        }
    }
}

/// A stored environment variable. [`check_variable`](crate::environment::check_variable) says what may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredVariable {
    /// Its id.
    pub id: VariableId,
    /// Its name.
    pub name: String,
    /// Its value; often a password.
    pub value: Secret<String>,
    /// Whose it is.
    pub scope: VariableScope,
    /// When it was created.
    pub created_at: Timestamp,
}

impl StoredVariable {
    /// A variable to store.
    pub fn new(
        id: VariableId,
        name: impl Into<String>,
        value: Secret<String>,
        scope: VariableScope,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            value,
            scope,
            created_at: now,
        }
    }

    /// As [`environment::resolve`](crate::environment::resolve) takes it; `None` unless it is a user's.
    pub fn of_user(&self) -> Option<UserVariable> {
        let pattern = self.scope.pattern()?.clone();
        Some(UserVariable {
            name: self.name.clone(),
            value: self.value.clone(),
            pattern,
        })
    }

    /// As [`environment::resolve`](crate::environment::resolve) takes it; `None` unless it is a project's.
    pub fn of_project(&self) -> Option<ProjectVariable> {
        let VariableScope::Project { prebuilds_only, .. } = self.scope else {
            return None;
        };
        Some(ProjectVariable {
            name: self.name.clone(),
            value: self.value.clone(),
            prebuilds_only,
        })
    }

    /// As [`environment::resolve`](crate::environment::resolve) takes it; `None` unless it is an organization's.
    pub fn of_organization(&self) -> Option<(String, Secret<String>)> {
        matches!(self.scope, VariableScope::Organization { .. })
            .then(|| (self.name.clone(), self.value.clone()))
    }
}

/// Stores environment variables of users, projects and organizations.
///
/// Values are secrets: a durable store encrypts them, and binds each to its variable, so that nobody who can write to the
/// database can move a value to where they can read it.
#[async_trait]
pub trait VariableStore: fmt::Debug + Send + Sync + 'static {
    /// Stores a variable, or replaces the one with its id.
    ///
    /// # Behavior
    /// What it replaces keeps its owner and the time it was created at, whatever `variable` says of the latter.
    ///
    /// # Errors
    /// * [`AlreadyExists`](crate::ErrorKind::AlreadyExists): its owner has another variable of that name, and, for users, of
    ///   that pattern too.
    /// * [`Conflict`](crate::ErrorKind::Conflict): the id is that of a variable of another owner.
    /// * [`RateLimited`](crate::ErrorKind::RateLimited), never to be retried: its owner has
    ///   [`MAX_PER_USER`](crate::environment::MAX_PER_USER) already.
    async fn put(&self, variable: &StoredVariable) -> Result<()>;

    /// The variable, if known.
    async fn get(&self, id: VariableId) -> Result<Option<StoredVariable>>;

    /// All variables of an owner, by name, then pattern.
    async fn list(&self, owner: VariableOwner) -> Result<Vec<StoredVariable>>;

    /// Removes a variable. Removing what is not there succeeds.
    async fn delete(&self, id: VariableId) -> Result<()>;
}
