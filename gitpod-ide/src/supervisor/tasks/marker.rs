use tokio::sync::watch;

use crate::supervisor::terminal::Filter;

/// Finds the mark by which a task's shell tells the exit code of the task, and takes it out of the output.
///
/// The mark is an escape sequence that holds a random name, so that nothing else writes it by chance: terminals would ignore
/// it, but logs are read by more than terminals.
#[derive(Debug)]
pub(super) struct Marker {
    prefix: Vec<u8>,
    /// The beginning of a mark, not yet known to be one.
    held: Vec<u8>,
    code: watch::Sender<Option<i32>>,
}

/// Longest exit code in a mark.
const MAX_DIGITS: usize = 3;

/// The mark of `name`, without code and end.
pub(super) fn prefix(name: &str) -> String {
    format!("\u{1b}]777;gitpod-task;{name};")
}

const END: u8 = 7;

impl Marker {
    pub(super) fn new(name: &str, code: watch::Sender<Option<i32>>) -> Self {
        Self {
            prefix: prefix(name).into_bytes(),
            held: Vec::new(),
            code,
        }
    }

    /// Whether `held` may still become a mark; `Some(code)` once it is one.
    fn judge(&self) -> Verdict {
        let length = self.held.len().min(self.prefix.len());
        if self.held[..length] != self.prefix[..length] {
            return Verdict::Other;
        }
        match self.held[length..].split_last() {
            None => Verdict::Open,
            Some((&END, digits)) => std::str::from_utf8(digits)
                .ok()
                .and_then(|digits| digits.parse().ok())
                .map_or(Verdict::Other, Verdict::Mark),
            Some((last, digits)) if last.is_ascii_digit() && digits.len() < MAX_DIGITS => {
                Verdict::Open
            }
            Some(_) => Verdict::Other,
        }
    }
}

enum Verdict {
    Open,
    Mark(i32),
    Other,
}

impl Filter for Marker {
    fn pass(&mut self, output: &[u8]) -> Vec<u8> {
        let mut passed = Vec::with_capacity(output.len());
        for &byte in output {
            if self.held.is_empty() && byte != self.prefix[0] {
                passed.push(byte);
                continue;
            }
            if byte == self.prefix[0] {
                // No mark holds a second escape: what was held is not one.
                passed.append(&mut self.held);
            }
            self.held.push(byte);
            match self.judge() {
                Verdict::Open => {}
                Verdict::Mark(code) => {
                    self.held.clear();
                    self.code.send_replace(Some(code));
                }
                Verdict::Other => passed.append(&mut self.held),
            }
        }
        passed
    }

    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pieces: &[&[u8]]) -> (String, Option<i32>) {
        let (sender, receiver) = watch::channel(None);
        let mut marker = Marker::new("n0", sender);
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(marker.pass(piece));
        }
        out.extend(marker.rest());
        let code = *receiver.borrow();
        (String::from_utf8(out).unwrap(), code)
    }

    #[test]
    fn a_mark_is_taken_out_wherever_it_is_cut() {
        let whole = b"before\x1b]777;gitpod-task;n0;17\x07after";
        for cut in 0..whole.len() {
            let (left, right) = whole.split_at(cut);
            assert_eq!(run(&[left, right]), (String::from("beforeafter"), Some(17)));
        }
    }

    #[test]
    fn everything_else_passes() {
        for other in [
            "\u{1b}[1mbold\u{1b}[0m",
            "\u{1b}]777;gitpod-task;other;1\u{7}",
            "\u{1b}]777;gitpod-task;n0;1x\u{7}",
            "\u{1b}]777;gitpod-task;n0;\u{7}",
            "\u{1b}]777;gitpod-task;n0;12345\u{7}",
            "\u{1b}]777;gitpod-ta",
        ] {
            assert_eq!(run(&[other.as_bytes()]), (other.to_owned(), None));
        }
    }
}
