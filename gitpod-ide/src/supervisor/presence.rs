//! Whether a person works here.
//!
//! What counts: typing into any terminal, whoever opened it (the terminal editor, VS Code, a command with a terminal, `tmux`);
//! input of commands that are run from outside, and their start; and heartbeats, which editors send when their user types, clicks
//! or moves between files (`ControlService.SendHeartBeat`). What does not: open connections, output, running programs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// The terminals of this instance.
const TERMINALS: &str = "/dev/pts";
/// How often terminals are looked at. The kernel itself notes their use no more often than every eight seconds.
const LOOK: Duration = Duration::from_secs(5);

/// A sign of a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign {
    /// Grows with each sign.
    pub(crate) count: u64,
    pub(crate) at: Instant,
}

/// The newest sign of a person.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    newest: watch::Sender<Option<Sign>>,
}

impl Presence {
    /// Notes a sign.
    pub(crate) fn note(&self) {
        self.newest.send_modify(|newest| {
            *newest = Some(Sign {
                count: newest.map_or(1, |sign| sign.count + 1),
                at: Instant::now(),
            });
        });
    }

    /// Hears every sign.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<Sign>> {
        self.newest.subscribe()
    }

    /// Looks for typing in terminals. Never returns.
    pub(crate) async fn follow(&self) {
        let mut known = last_reads(TERMINALS);
        loop {
            sleep(LOOK).await;
            let now = last_reads(TERMINALS);
            if typed(&known, &now) {
                self.note();
            }
            known = now;
        }
    }
}

/// When a program last read from each terminal, in seconds: the access time of the terminal's file, as `w` uses it.
fn last_reads(directory: &str) -> BTreeMap<u64, i64> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let name = entry.file_name();
            name.as_encoded_bytes().iter().all(u8::is_ascii_digit)
        })
        .filter_map(|entry| entry.metadata().ok())
        .map(|terminal| (terminal.ino(), terminal.atime()))
        .collect()
}

/// Whether somebody typed in between. A terminal that was not there before says nothing yet.
fn typed(before: &BTreeMap<u64, i64>, now: &BTreeMap<u64, i64>) -> bool {
    now.iter()
        .any(|(terminal, read)| before.get(terminal).is_some_and(|before| read > before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_that_was_read_from_meanwhile_counts() {
        let before = BTreeMap::from([(3, 100), (4, 200)]);
        assert!(!typed(&before, &before));
        assert!(!typed(&before, &BTreeMap::from([(3, 100), (5, 999)])));
        assert!(typed(&before, &BTreeMap::from([(3, 108), (4, 200)])));
    }

    #[tokio::test]
    async fn signs_are_counted() {
        let presence = Presence::default();
        let heard = presence.watch();
        assert!(heard.borrow().is_none());
        presence.note();
        presence.note();
        assert_eq!(heard.borrow().map(|sign| sign.count), Some(2));
    }
}
