use super::Scopes;
use crate::store::User;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Principal {
    /// Nobody we know.
    Anonymous,
    /// A user.
    User(User),
    /// A program with a token of a user that allows some of what the user may: the supervisor of a workspace, for example.
    Token {
        /// Whose token.
        user: User,
        /// What it allows.
        scopes: Scopes,
    },
    /// The program that embeds the platform.
    System,
}

impl Principal {
    /// The user in whose name something is asked for.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) | Self::Token { user, .. } => Some(user),
            Self::Anonymous | Self::System => None,
        }
    }

    /// `user`, with a token of these scopes.
    pub fn with_token(user: User, scopes: Scopes) -> Self {
        if scopes == Scopes::everything() {
            Self::User(user)
        } else {
            Self::Token { user, scopes }
        }
    }
}
