//! What goes to standard output: results, and nothing else. What is for the eyes alone goes to standard error.

use std::io::{self, ErrorKind, Write as _};

use serde::Serialize;

use super::failure::{Exit, Failure};

/// Prints a line.
pub(super) fn line(text: impl std::fmt::Display) -> Result<(), Failure> {
    write(format!("{text}\n").as_bytes())
}

/// Prints a message as JSON, indented.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Failure::failed(format!("cannot print the answer: {e}")))?;
    line(text)
}

/// Writes bytes as they are.
pub(super) fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|e| match e.kind() {
            // Whoever read has enough (`| head`); there is nobody to tell.
            ErrorKind::BrokenPipe => Failure::new(Exit::Failed, ""),
            _ => Failure::io("cannot write to standard output", &e),
        })
}

/// Tells the person something that is no result.
pub(super) fn note(text: impl std::fmt::Display) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
