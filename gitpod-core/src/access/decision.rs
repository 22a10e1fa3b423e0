use std::fmt;

use super::Relation;

/// The answer, with a reason that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may.
    pub allowed: bool,
    /// Why.
    pub reason: Reason,
}

impl Decision {
    pub(super) const fn allow(reason: Reason) -> Self {
        Self {
            allowed: true,
            reason,
        }
    }

    pub(super) const fn deny(reason: Reason) -> Self {
        Self {
            allowed: false,
            reason,
        }
    }
}

/// Why something is allowed or not. Prints as a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The embedding program may do everything.
    System,
    /// Allowed: this is what they are to the resource.
    Is(Relation),
    /// Denied: nobody is signed in.
    SignIn,
    /// Denied: the user is blocked.
    Blocked,
    /// Denied: the user is deleted.
    Deleted,
    /// Denied: the token's scopes leave it out.
    Scope,
    /// Denied: the action is about another kind of resource.
    NotAboutThis,
    /// Denied: they are none of these to the resource.
    Needs(&'static [Relation]),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("the embedding program may do everything"),
            Self::Is(relation) => write!(f, "{relation} may do this"),
            Self::SignIn => f.write_str("sign in first"),
            Self::Blocked => f.write_str("this user is blocked"),
            Self::Deleted => f.write_str("this user is deleted"),
            Self::Scope => f.write_str("the token's scopes do not allow it"),
            Self::NotAboutThis => f.write_str("no rule allows it"),
            Self::Needs(relations) => {
                f.write_str("only ")?;
                for (index, relation) in relations.iter().enumerate() {
                    let separator = match index {
                        0 => "",
                        _ if index + 1 == relations.len() => " or ",
                        _ => ", ",
                    };
                    write!(f, "{separator}{relation}")?;
                }
                f.write_str(" may do this")
            }
        }
    }
}
