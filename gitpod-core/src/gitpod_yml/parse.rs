use super::check::Check;
use super::model::GitpodYml;
use super::problem::{Problem, Severity};
use super::schema::judge::judge;
use super::schema::table::FILE;
use super::yaml::{self, Node, Place};
use crate::{Error, ErrorKind, Result};

/// Longest file that is read.
pub const MAX_BYTES: usize = 1 << 20;

/// How the file is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The original's verdict: anything its schema does not know rejects the file.
    Strict,
    /// Unknown keys, empty values and texts without their quotes are warnings.
    #[default]
    Lenient,
}

/// What a file says and what is wrong with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Parsed {
    /// Everything that was understood.
    pub config: GitpodYml,
    /// Everything that was not, in the order of the file.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// Whether no problem is an error.
    pub fn accepted(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The problems that reject the file.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
    }

    /// The configuration and its warnings, if the file is accepted.
    ///
    /// # Errors
    /// [`ConfigInvalid`](ErrorKind::ConfigInvalid), with line and column of the first error and how many there are.
    pub fn into_result(self) -> Result<(GitpodYml, Vec<Problem>)> {
        let Some(first) = self.errors().next() else {
            return Ok((self.config, self.problems));
        };
        let mut error = Error::new(
            ErrorKind::ConfigInvalid,
            format!(".gitpod.yml is not valid: {first}"),
        )
        .with_context("line", first.position.line)
        .with_context("column", first.position.column);
        let more = self.errors().count() - 1;
        if more > 0 {
            error = error.with_context("further errors", more);
        }
        Err(error.with_hint(
            "correct the file, check it with `gitpod config parse .gitpod.yml`, and push it",
        ))
    }
}

/// Reads a `.gitpod.yml`.
///
/// # Behavior
/// Never fails: what is wrong is in [`Parsed::problems`]. Cost grows linearly with the text; longer texts than
/// [`MAX_BYTES`], deep nesting and repeating aliases are rejected.
pub fn parse(text: &str, mode: Mode) -> Parsed {
    let mut check = Check::new(mode, text);
    let config = read(&mut check, text);
    Parsed {
        config,
        problems: check.finish(),
    }
}

fn read(check: &mut Check<'_>, text: &str) -> GitpodYml {
    if text.len() > MAX_BYTES {
        let message = format!("the file is longer than {MAX_BYTES} bytes");
        check.error(Place::default(), "", message);
        return GitpodYml::default();
    }
    match yaml::read(text) {
        Ok(file) => {
            let file = file.unwrap_or_else(Node::default);
            judge(check, &file, &FILE);
            GitpodYml::read(check, &file)
        }
        Err(fault) => {
            check.unreadable(
                fault.at,
                format!("not YAML that can be read: {}", fault.message),
            );
            GitpodYml::default()
        }
    }
}
