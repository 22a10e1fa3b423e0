//! One error type for the whole family: kind, retry answer, what was attempted, context, cause.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

mod chain;

pub use chain::Chain;

/// Most characters of a fact that are shown.
const MAX_FACT: usize = 500;

/// `Result` with the family's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by meaning. API status codes and HTTP codes follow from it, in one table of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A repository's or operator's configuration is wrong; the message names the place.
    ConfigInvalid,
    /// This backend cannot do that (see its capabilities).
    Unsupported,
    /// The named thing does not exist.
    NotFound,
    /// The thing exists already and may not be created twice.
    AlreadyExists,
    /// Somebody else changed the thing first; read again and decide again.
    Conflict,
    /// The state of the thing does not allow this now.
    FailedPrecondition,
    /// The caller is known and may not do that.
    PermissionDenied,
    /// The caller is not known.
    Unauthenticated,
    /// Too much, too often, or a quota is used up.
    RateLimited,
    /// A dependency cannot be reached now.
    Unavailable,
    /// The time limit passed.
    TimedOut,
    /// The caller gave up.
    Cancelled,
    /// An argument is malformed.
    InvalidInput,
    /// A bug, or a machine in a state nobody foresaw.
    Unexpected,
}

impl ErrorKind {
    /// Every kind, for tables that must be complete.
    pub const ALL: [Self; 14] = [
        Self::ConfigInvalid,
        Self::Unsupported,
        Self::NotFound,
        Self::AlreadyExists,
        Self::Conflict,
        Self::FailedPrecondition,
        Self::PermissionDenied,
        Self::Unauthenticated,
        Self::RateLimited,
        Self::Unavailable,
        Self::TimedOut,
        Self::Cancelled,
        Self::InvalidInput,
        Self::Unexpected,
    ];
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same call fails again.
    Never,
    /// Worth trying again, with the caller's own backoff.
    Backoff,
    /// Worth trying again, not sooner than this.
    After(Duration),
}

/// An error for the person who must act.
///
/// `Display` is one line: what was attempted and why it failed, without the causes (see [`Chain`] for these).
/// The hint says what to do about it; show it to people.
pub struct Error {
    kind: ErrorKind,
    retry: Retry,
    message: String,
    hint: Option<String>,
    context: Vec<(&'static str, String)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind`; `message` says what was attempted, lowercase, without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::Unavailable
            | ErrorKind::TimedOut
            | ErrorKind::RateLimited
            | ErrorKind::Conflict => Retry::Backoff,
            ErrorKind::ConfigInvalid
            | ErrorKind::Unsupported
            | ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::FailedPrecondition
            | ErrorKind::PermissionDenied
            | ErrorKind::Unauthenticated
            | ErrorKind::Cancelled
            | ErrorKind::InvalidInput
            | ErrorKind::Unexpected => Retry::Never,
        };
        Self {
            kind,
            retry,
            message: message.into(),
            hint: None,
            context: Vec::new(),
            source: None,
        }
    }

    /// The named thing does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// An argument is malformed.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// The backend cannot do that.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// A bug, or a machine in a state nobody foresaw.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unexpected, message)
    }

    /// Overrides the retry answer that follows from the kind.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Says what the person should do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a fact that helps to find the place (`path`, `instance`, `line`).
    ///
    /// # Behavior
    /// Facts often come from strangers: control characters are replaced, and what is longer than 500 characters is cut.
    #[must_use]
    pub fn with_context(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.context.push((key, presentable(&value.to_string())));
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong, by meaning.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether trying again can help.
    pub fn retry(&self) -> Retry {
        self.retry
    }

    /// What was attempted, without context.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, if known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Facts that help to find the place.
    pub fn context(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.context.iter().map(|(k, v)| (*k, v.as_str()))
    }
}

/// One line of at most [`MAX_FACT`] characters, which no terminal takes for a command.
fn presentable(value: &str) -> String {
    let mut rest = value.chars();
    let plain = |character: char| match character {
        '\n' | '\r' | '\t' => ' ',
        character if character.is_control() => char::REPLACEMENT_CHARACTER,
        character => character,
    };
    let mut shown: String = rest.by_ref().take(MAX_FACT).map(plain).collect();
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for (i, (key, value)) in self.context.iter().enumerate() {
            write!(f, "{}{key}: {value}", if i == 0 { " (" } else { ", " })?;
        }
        if self.context.is_empty() {
            Ok(())
        } else {
            f.write_str(")")
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, Chain(self))?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_ref()
            .map(|source| &**source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line_and_leaves_the_cause_to_chain() {
        let error = Error::not_found("cannot open the layer")
            .with_context("path", "/a")
            .with_source(std::io::Error::other("disk on fire"));
        assert_eq!(error.to_string(), "cannot open the layer (path: /a)");
        assert_eq!(
            Chain(&error).to_string(),
            "cannot open the layer (path: /a): disk on fire"
        );
    }

    #[test]
    fn facts_are_short_and_never_commands_to_a_terminal() {
        let error = Error::invalid("not a name").with_context("name", "a\n\u{1b}[31mé");
        assert_eq!(error.to_string(), "not a name (name: a \u{fffd}[31mé)");
        let error = Error::invalid("not a name").with_context("name", "é".repeat(501));
        assert!(error.to_string().ends_with("é…)"), "{error}");
        assert_eq!(error.to_string().chars().count(), 520);
    }
}
