//! The steps of a start, and their times, while a person waits: redrawn in place on a terminal, else one line per step.

use std::io::{self, IsTerminal as _, Write as _};

use gitpod_core::proto::gitpod::v1::workspace_step::State;
use gitpod_core::proto::gitpod::v1::{WorkspaceStatus, WorkspaceStep};

use super::table::plain;

/// Widest label, and widest detail on a terminal line.
const LABEL: usize = 34;
const DETAIL: usize = 60;

/// Shows how a start goes on, on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    live: bool,
    /// Lines that stand above the cursor (live) or were printed (else).
    shown: usize,
    instance: String,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            live: io::stderr().is_terminal(),
            shown: 0,
            instance: String::new(),
        }
    }

    /// Shows what is new.
    pub(super) fn show(&mut self, status: &WorkspaceStatus) {
        if self.instance != status.instance_id {
            self.instance.clone_from(&status.instance_id);
            self.shown = 0;
        }
        let mut stderr = io::stderr().lock();
        // Nobody is left to see it when standard error is gone.
        let _ = if self.live {
            let begun: Vec<String> = status
                .steps
                .iter()
                .filter(|step| begun(step))
                .map(line)
                .collect();
            let up = match self.shown {
                0 => String::new(),
                n => format!("\u{1b}[{n}A"),
            };
            let lines: Vec<String> = begun
                .iter()
                .map(|line| format!("\r\u{1b}[K{line}\n"))
                .collect();
            let lines = lines.concat();
            self.shown = begun.len().max(self.shown);
            write!(stderr, "{up}{lines}").and_then(|()| stderr.flush())
        } else {
            // In order: a step is told when it and all before it have ended.
            let ended: Vec<String> = status
                .steps
                .iter()
                .take_while(|step| ended(step))
                .map(line)
                .collect();
            let new = ended.get(self.shown..).unwrap_or_default().join("\n");
            self.shown = ended.len().max(self.shown);
            if new.is_empty() {
                Ok(())
            } else {
                writeln!(stderr, "{new}")
            }
        };
    }
}

fn begun(step: &WorkspaceStep) -> bool {
    step.state != State::STATE_PENDING && step.state != State::STATE_UNSPECIFIED
}

fn ended(step: &WorkspaceStep) -> bool {
    step.state == State::STATE_DONE || step.state == State::STATE_FAILED
}

fn line(step: &WorkspaceStep) -> String {
    let mark = match step.state.as_known() {
        Some(State::STATE_DONE) => '✓',
        Some(State::STATE_FAILED) => '✗',
        _ => '…',
    };
    let time = millis(step).map_or_else(String::new, |ms| format!("{ms} ms"));
    let detail: String = plain(&step.detail).chars().take(DETAIL).collect();
    let label = plain(&step.label);
    format!("{mark} {label:<LABEL$} {time:>9}  {detail}")
        .trim_end()
        .to_owned()
}

/// How long the step took.
fn millis(step: &WorkspaceStep) -> Option<i64> {
    let (start, end) = (step.started_at.as_option()?, step.ended_at.as_option()?);
    let seconds = end.seconds.checked_sub(start.seconds)?;
    let nanos = i64::from(end.nanos) - i64::from(start.nanos);
    seconds.checked_mul(1000)?.checked_add(nanos / 1_000_000)
}

#[cfg(test)]
mod tests {
    use buffa_types::google::protobuf::Timestamp;

    use super::*;

    #[test]
    fn a_step_says_what_and_how_long() {
        let step = WorkspaceStep {
            label: String::from("Files in place"),
            state: State::STATE_DONE.into(),
            started_at: Timestamp::from_unix(10, 900_000_000).into(),
            ended_at: Timestamp::from_unix(12, 100_000_000).into(),
            detail: String::from("branch\u{1b}main"),
            ..WorkspaceStep::default()
        };
        let text = line(&step);
        assert!(text.starts_with("✓ Files in place"), "{text}");
        assert!(text.ends_with("1200 ms  branch main"), "{text}");
    }
}
