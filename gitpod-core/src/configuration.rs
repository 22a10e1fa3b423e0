//! Which of a repository's files configures its workspaces.
//!
//! One file counts as a whole; two are never mixed:
//!
//! 1. `.gitpod.yml`, if it says anything. If it is wrong, that is an error: whoever wrote it did not mean the other file.
//! 2. Else the repository's `devcontainer.json` (see [`devcontainer::locate`] for which one).
//! 3. Else none.
//!
//! And what the readers of both have in common: [`Parsed`], and the [`Problem`]s in it.

mod nearest;
mod parsed;
mod problem;
mod problems;

use crate::devcontainer::{self, Devcontainer, Location};
use crate::gitpod_yml::{self, GitpodYml};
use crate::{Error, Result};

pub(crate) use nearest::nearest;
pub use parsed::{Mode, Parsed};
pub use problem::{Position, Problem, Severity};
pub(crate) use problems::{Problems, shorten};

/// The path of the platform's own file.
pub const GITPOD_YML: &str = ".gitpod.yml";

/// What configures the workspaces, and why.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Choice {
    /// What counts.
    pub source: Source,
    /// Why, for people.
    pub reason: String,
}

/// What counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The `.gitpod.yml`, with its warnings.
    GitpodYml(Box<GitpodYml>, Vec<Problem>),
    /// The `devcontainer.json` at a place, with its warnings.
    Devcontainer(Location, Box<Devcontainer>, Vec<Problem>),
    /// No file.
    Nothing,
}

/// Which of the two files of a repository counts; each as it was read, if it is there.
///
/// # Errors
/// [`ConfigInvalid`](crate::ErrorKind::ConfigInvalid) when the file that would count is rejected.
pub fn choose(
    gitpod_yml: Option<gitpod_yml::Parsed>,
    devcontainer: Option<(Location, devcontainer::Parsed)>,
) -> Result<Choice> {
    let own = gitpod_yml
        .map(|parsed| parsed.into_result(GITPOD_YML))
        .transpose();
    let own = own.map_err(|error| beside(error, devcontainer.as_ref()))?;
    let says_something = own
        .as_ref()
        .is_some_and(|(config, _)| *config != GitpodYml::default());
    let choice = |source, reason| Ok(Choice { source, reason });
    match (own, devcontainer) {
        (Some((config, problems)), None) => {
            let reason = format!("the repository has a {GITPOD_YML}");
            choice(Source::GitpodYml(Box::new(config), problems), reason)
        }
        (Some((config, problems)), Some((location, _))) if says_something => {
            let reason = format!("{GITPOD_YML} comes before {}", location.path);
            choice(Source::GitpodYml(Box::new(config), problems), reason)
        }
        (own, Some((location, parsed))) => {
            let (file, problems) = parsed.into_result(&location.path)?;
            let why = match own {
                Some(_) => format!("{GITPOD_YML} says nothing"),
                None => format!("the repository has no {GITPOD_YML}"),
            };
            let reason = format!("{why}, but {}: {}", location.path, location.reason);
            choice(
                Source::Devcontainer(location, Box::new(file), problems),
                reason,
            )
        }
        (None, None) => {
            let reason =
                format!("the repository has neither a {GITPOD_YML} nor a devcontainer.json");
            choice(Source::Nothing, reason)
        }
    }
}

/// Says that there is another file that would count without the wrong one.
fn beside(error: Error, other: Option<&(Location, devcontainer::Parsed)>) -> Error {
    match other {
        Some((location, _)) => error.with_context("not read", &location.path),
        None => error,
    }
}
