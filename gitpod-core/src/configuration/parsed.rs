use super::{Problem, Severity};
use crate::{Error, ErrorKind, Result};

/// How a file is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The verdict of the file's own specification: anything it does not know rejects the file.
    Strict,
    /// What is not known, or is unusual with a clear meaning, is a warning.
    #[default]
    Lenient,
}

/// What a file says and what is wrong with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Parsed<C> {
    /// Everything that was understood.
    pub config: C,
    /// Everything that was not, in the order of the file.
    pub problems: Vec<Problem>,
}

impl<C> Parsed<C> {
    pub(crate) fn new(config: C, problems: Vec<Problem>) -> Self {
        Self { config, problems }
    }

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

    /// The configuration and its warnings, if the file is accepted; `file` is its path in the repository.
    ///
    /// # Errors
    /// [`ConfigInvalid`](ErrorKind::ConfigInvalid), with line and column of the first error and how many there are.
    pub fn into_result(self, file: &str) -> Result<(C, Vec<Problem>)> {
        let Some(first) = self.errors().next() else {
            return Ok((self.config, self.problems));
        };
        let mut error = Error::new(
            ErrorKind::ConfigInvalid,
            format!("{file} is not valid: {first}"),
        )
        .with_context("line", first.position.line)
        .with_context("column", first.position.column);
        let more = self.errors().count() - 1;
        if more > 0 {
            error = error.with_context("further errors", more);
        }
        Err(error.with_hint(format!(
            "correct the file, check it with `gitpod config parse {file}`, and push it"
        )))
    }
}
