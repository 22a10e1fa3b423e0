use super::check::Check;
use super::model::Devcontainer;
use super::tree;
use crate::gitpod_yml::{Mode, Problem, Severity};
use crate::{Error, ErrorKind, Result};

/// Longest file that is read.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting; the specification needs six levels, settings of editors some more.
pub const MAX_DEPTH: usize = 32;
/// Most values.
pub const MAX_VALUES: usize = 10_000;

/// What a file says and what is wrong with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Parsed {
    /// Everything that was understood.
    pub config: Devcontainer,
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

    /// The configuration and its warnings, if the file is accepted; `file` is its path in the repository.
    ///
    /// # Errors
    /// [`ConfigInvalid`](ErrorKind::ConfigInvalid), with line and column of the first error and how many there are.
    pub fn into_result(self, file: &str) -> Result<(Devcontainer, Vec<Problem>)> {
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

/// Reads a `devcontainer.json`.
///
/// # Behavior
/// Never fails: what is wrong is in [`Parsed::problems`]. A value of the wrong type rejects the file; a property that the
/// specification does not know does so in strict mode. Cost grows linearly with the text; texts longer than [`MAX_BYTES`],
/// nesting deeper than [`MAX_DEPTH`] and more values than [`MAX_VALUES`] are rejected.
pub fn parse(text: &str, mode: Mode) -> Parsed {
    let mut check = Check::new(mode);
    let config = match tree::read(text) {
        Ok((file, odd)) => {
            for fault in odd {
                check.fault(fault, Severity::Warning);
            }
            Devcontainer::read(&mut check, &file)
        }
        Err(fault) => {
            check.fault(fault, Severity::Error);
            Devcontainer::default()
        }
    };
    Parsed {
        config,
        problems: check.finish(),
    }
}
