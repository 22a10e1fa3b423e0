use super::RepositoryPattern;
use super::denied::is_reserved;
use crate::{Error, Result, Secret};

/// Credentials for registries: `host:base64(user:password)`, separated by commas.
pub const IMAGE_AUTH: &str = "GITPOD_IMAGE_AUTH";
/// Longest name.
pub const MAX_NAME: usize = 255;
/// Longest value, in characters.
pub const MAX_VALUE: usize = 32_767;
/// Most variables of one user.
pub const MAX_PER_USER: usize = 4_048;

/// Where a variable comes from; a later one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// `env` of the configuration file.
    Configuration,
    /// The organization that the project belongs to.
    Organization,
    /// The user who starts the workspace.
    User,
    /// The project.
    Project,
    /// The address that was opened.
    Address,
}

/// A variable that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; often a password.
    pub value: Secret<String>,
    /// Which source won.
    pub source: Source,
}

/// A variable that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// For people; never holds the value.
    pub reason: &'static str,
}

/// A variable of a user, for some repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserVariable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret<String>,
    /// For which repositories.
    pub pattern: RepositoryPattern,
}

/// A variable of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectVariable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret<String>,
    /// Whether only prebuilds get it.
    pub prebuilds_only: bool,
}

/// Whether a shell can use `name` as a variable.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a person may store this variable.
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput): the name is none, or the platform's own; name or value is too long; the value is
/// blank.
pub fn check_variable(name: &str, value: &str) -> Result<()> {
    let refusal = refusal(name, value).or_else(|| {
        let blank = value.trim().is_empty();
        blank.then_some("its value must not be empty")
    });
    let Some(reason) = refusal else {
        return Ok(());
    };
    let shown: String = name.chars().take(64).collect();
    Err(
        Error::invalid(format!("not an environment variable: {reason}"))
            .with_context("name", shown)
            .with_hint("use a name of letters, digits and `_`, without `GITPOD_` at its begin"),
    )
}

/// Why the variable cannot be given to a workspace, if it cannot.
pub(super) fn refusal(name: &str, value: &str) -> Option<&'static str> {
    if name.len() > MAX_NAME {
        Some("its name is longer than 255 characters")
    } else if !is_name(name) {
        Some("its name is not one that a shell can use")
    } else if is_reserved(name) {
        Some("names with this begin are the platform's own")
    } else if value.chars().nth(MAX_VALUE).is_some() {
        Some("its value is longer than 32767 characters")
    } else if value.contains('\0') {
        Some("its value has a zero byte")
    } else {
        None
    }
}
