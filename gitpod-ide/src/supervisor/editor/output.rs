use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::supervisor::pipes::Output;

/// Lines kept for the report of a failure.
const KEPT: usize = 40;
const MAX_LINE: usize = 2000;
/// Passed on per second when the package does not say.
const DEFAULT_RATE: u64 = 256 * 1024;

/// The last lines an editor wrote.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn lines(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines, oldest first.
    pub(super) fn get(&self) -> Vec<String> {
        self.lines().iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.lines().clear();
    }

    fn push(&self, line: String) {
        let mut lines = self.lines();
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

/// Reads `output` to its end: keeps its last lines, and passes it on to our own log as fast as `rate` allows.
pub(super) async fn read(mut output: Output, tail: Tail, rate: u64) {
    let mut allowance = Allowance::new(if rate == 0 { DEFAULT_RATE } else { rate * 1024 });
    let mut line = Vec::new();
    while let Some(chunk) = output.next().await {
        for &byte in &chunk {
            if byte == b'\n' {
                finish(&mut line, &tail, &mut allowance);
            } else if line.len() < MAX_LINE {
                line.push(byte);
            }
        }
    }
    if !line.is_empty() {
        finish(&mut line, &tail, &mut allowance);
    }
}

fn finish(line: &mut Vec<u8>, tail: &Tail, allowance: &mut Allowance) {
    let text = String::from_utf8_lossy(line).trim_end().to_owned();
    line.clear();
    if allowance.take(text.len() as u64 + 1) {
        // A log that cannot be written has nobody to tell.
        let _ = writeln!(std::io::stderr().lock(), "editor: {text}");
    }
    tail.push(text);
}

/// Bytes that may still be passed on in this second.
struct Allowance {
    rate: u64,
    left: u64,
    since: Instant,
}

impl Allowance {
    fn new(rate: u64) -> Self {
        Self {
            rate,
            left: rate,
            since: Instant::now(),
        }
    }

    fn take(&mut self, wanted: u64) -> bool {
        if self.since.elapsed() >= Duration::from_secs(1) {
            self.since = Instant::now();
            self.left = self.rate;
        }
        let enough = self.left >= wanted;
        if enough {
            self.left -= wanted;
        }
        enough
    }
}
