use super::{Mode, Position, Problem, Severity};

/// Further problems are counted, not listed.
const MAX_PROBLEMS: usize = 100;
/// Longest offending text shown.
const MAX_TEXT: usize = 80;

/// Notes what is wrong with a file, whatever its language.
#[derive(Debug)]
pub(crate) struct Problems {
    mode: Mode,
    noted: Vec<Problem>,
    unlisted: usize,
    rejected: bool,
}

impl Problems {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            mode,
            noted: Vec::new(),
            unlisted: 0,
            rejected: false,
        }
    }

    /// What was noted, in the order of the file.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.noted.sort_by_key(|problem| problem.position);
        if self.unlisted > 0 {
            self.noted.push(Problem {
                severity: Severity::Warning,
                position: Position::START,
                text: String::new(),
                message: format!("{} more problems are not listed", self.unlisted),
                suggestion: None,
            });
        }
        self.noted
    }

    /// Whether further warnings are counted only.
    pub(crate) fn is_full(&self) -> bool {
        self.noted.len() >= MAX_PROBLEMS
    }

    /// How bad something is whose meaning is clear: it rejects the file in strict mode and is a remark in lenient mode.
    pub(crate) fn lapse(&self) -> Severity {
        match self.mode {
            Mode::Strict => Severity::Error,
            Mode::Lenient => Severity::Warning,
        }
    }

    pub(crate) fn note(
        &mut self,
        severity: Severity,
        position: Position,
        text: &str,
        message: String,
        suggestion: Option<String>,
    ) {
        // An error always finds its place: the verdict hangs on it.
        if self.is_full() && (severity == Severity::Warning || self.rejected) {
            self.unlisted += 1;
            return;
        }
        self.rejected |= severity == Severity::Error;
        self.noted.push(Problem {
            severity,
            position,
            text: shorten(text, MAX_TEXT),
            message,
            suggestion,
        });
    }
}

/// The first line of `text`, at most `most` characters, without control characters.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line
        .chars()
        .take(most)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if short.len() < text.trim_end().len() {
        short.push('…');
    }
    short
}
