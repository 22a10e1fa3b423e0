use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::access::Scopes;
use crate::{OrganizationId, Result, Timestamp, UserId};

/// What a user is to the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the installation.
    Admin,
    /// Uses it.
    Member,
}

/// What a user is to an organization. Who is more may do all that who is less may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationRole {
    /// Uses workspaces in it, and sees neither members nor projects nor bills.
    Collaborator,
    /// Belongs to it.
    Member,
    /// Runs it.
    Owner,
}

/// That a user belongs to an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// To which.
    pub organization: OrganizationId,
    /// As what.
    pub role: OrganizationRole,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// For people.
    pub name: String,
    /// What it is to the installation.
    pub role: Role,
    /// What it is to its own organization.
    #[serde(default = "plain_member")]
    pub organization_role: OrganizationRole,
    /// The other organizations it belongs to.
    #[serde(default)]
    pub memberships: Vec<Membership>,
    /// May do nothing.
    pub blocked: bool,
    /// Is gone, and may do nothing; the record tells whose things were whose.
    #[serde(default)]
    pub deleted: bool,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What users were recorded before roles in organizations were.
const fn plain_member() -> OrganizationRole {
    OrganizationRole::Member
}

impl User {
    /// A user who is not blocked; who runs the installation owns their organization.
    pub fn new(
        id: UserId,
        organization: OrganizationId,
        name: impl Into<String>,
        role: Role,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            organization,
            name: name.into(),
            role,
            organization_role: match role {
                Role::Admin => OrganizationRole::Owner,
                Role::Member => OrganizationRole::Member,
            },
            memberships: Vec::new(),
            blocked: false,
            deleted: false,
            created_at: now,
        }
    }

    /// What they are to `organization`; `None`: nothing.
    pub fn role_in(&self, organization: OrganizationId) -> Option<OrganizationRole> {
        if organization == self.organization {
            return Some(self.organization_role);
        }
        let mut roles = self.memberships.iter();
        let found = roles.find(|membership| membership.organization == organization);
        found.map(|membership| membership.role)
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A bearer token of a person or a program.
    Personal,
    /// A browser's session.
    Session,
    /// Opens the first session; used up by its first use.
    SignIn,
}

/// What is stored of a token; never the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenRecord {
    /// SHA-256 of the token, hex.
    pub hash: String,
    /// Whose.
    pub user: UserId,
    /// What for.
    pub kind: TokenKind,
    /// For people.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// What of its user's rights it has.
    #[serde(default = "Scopes::everything")]
    pub scopes: Scopes,
}

impl TokenRecord {
    /// A token that does not end by itself and may all that its user may.
    pub fn new(
        hash: impl Into<String>,
        user: UserId,
        kind: TokenKind,
        name: impl Into<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            hash: hash.into(),
            user,
            kind,
            name: name.into(),
            created_at: now,
            expires_at: None,
            scopes: Scopes::everything(),
        }
    }
}

/// Stores users and their tokens.
#[async_trait]
pub trait IdentityStore: fmt::Debug + Send + Sync + 'static {
    /// Stores or replaces a user.
    async fn put_user(&self, user: &User) -> Result<()>;

    /// The user, if known.
    async fn user(&self, id: UserId) -> Result<Option<User>>;

    /// Every user, oldest first.
    async fn users(&self) -> Result<Vec<User>>;

    /// Stores or replaces a token.
    async fn put_token(&self, token: &TokenRecord) -> Result<()>;

    /// The token with this hash, ended or not.
    async fn token(&self, hash: &str) -> Result<Option<TokenRecord>>;

    /// Forgets a token and says whether it was there: of several callers exactly one gets `true`.
    async fn revoke_token(&self, hash: &str) -> Result<bool>;
}
