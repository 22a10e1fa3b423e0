use serde_saphyr::{Spanned, alias_limits, budget, options};

use super::check::{Check, Field};
use super::model::GitpodYml;
use super::node::{Raw, tree};
use super::problem::{Position, Problem, Severity};
use crate::{Error, ErrorKind, Result};

/// Longest file that is read.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting; the schema needs six levels.
const MAX_DEPTH: usize = 32;
/// Most values, those that aliases repeat included.
const MAX_VALUES: usize = 10_000;

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
    let mut check = Check::new(mode);
    let config = match read(text) {
        Ok(read) => {
            let node = tree(read, text);
            GitpodYml::read(
                &mut check,
                &Field {
                    path: String::new(),
                    key_at: node.at,
                    node: &node,
                },
            )
        }
        Err((at, message)) => {
            let line = usize::try_from(at.line).unwrap_or(usize::MAX);
            let line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            check.error(at, line.trim(), message);
            GitpodYml::default()
        }
    };
    Parsed {
        config,
        problems: check.finish(),
    }
}

fn read(text: &str) -> Result<Spanned<Raw>, (Position, String)> {
    if text.len() > MAX_BYTES {
        let message = format!("the file is longer than {MAX_BYTES} bytes");
        return Err((Position::START, message));
    }
    let options = options! {
        budget: budget! {
            max_events: 4 * MAX_VALUES,
            max_nodes: MAX_VALUES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_anchors: 1_000,
            max_aliases: 1_000,
            max_merge_keys: 1_000,
            max_documents: 2,
        },
        alias_limits: alias_limits! {
            max_total_replayed_events: MAX_VALUES,
            max_replay_stack_depth: MAX_DEPTH,
        },
        emit_comments: false,
        strict_booleans: true,
        with_snippet: false,
        non_finite_float_policy: options::NonFiniteFloatPolicy::AsString,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error.location().map_or(Position::START, Position::of);
        (at, format!("not YAML that can be read: {}", reason(&error)))
    })
}

/// What the reader says, without the place and what only its callers can use.
fn reason(error: &serde_saphyr::Error) -> String {
    match error.without_snippet() {
        serde_saphyr::Error::MultipleDocuments { .. } => {
            String::from("a second document begins here")
        }
        serde_saphyr::Error::Budget { .. } => String::from(
            "it is nested too deeply, or too much of it repeats or refers to other parts",
        ),
        other => {
            let text = other.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    }
}
