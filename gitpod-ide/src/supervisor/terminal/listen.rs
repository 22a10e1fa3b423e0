use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use super::ring::Lagged;
use super::session::{Pulse, Session, Title};

/// What a listener hears, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The title, at first and after each change.
    Title(Title),
    /// Output.
    Data(Bytes),
    /// Its shell ended with this code; nothing follows.
    Closed(i32),
}

/// Hears a terminal from the oldest output that is kept.
///
/// A listener has no queue of its own: it reads from the terminal's ring at its own pace, and is dropped when the ring
/// overtakes it.
#[derive(Debug)]
pub(crate) struct Listener {
    session: Arc<Session>,
    pulse: watch::Receiver<Pulse>,
    place: u64,
    title: Option<u64>,
    /// Where to stop listening, if not with the terminal.
    last: Option<u64>,
    ended: bool,
}

impl Listener {
    pub(super) fn new(session: Arc<Session>, pulse: watch::Receiver<Pulse>) -> Self {
        Self {
            place: session.oldest(),
            session,
            pulse,
            title: None,
            last: None,
            ended: false,
        }
    }

    /// Stops listening after what is there now.
    pub(crate) fn until_now(mut self) -> Self {
        self.last = Some(self.session.end());
        self
    }

    /// What comes next; `None` after [`Heard::Closed`], or where it was told to stop (a little more may come with the last piece).
    ///
    /// # Errors
    /// [`Lagged`]: the terminal wrote more than is kept since the last call.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub(crate) async fn next(&mut self) -> Result<Option<Heard>, Lagged> {
        loop {
            if self.ended {
                return Ok(None);
            }
            let pulse = *self.pulse.borrow_and_update();
            if self.title != Some(pulse.title) {
                self.title = Some(pulse.title);
                return Ok(Some(Heard::Title(self.session.title())));
            }
            if self.last.is_some_and(|last| self.place >= last) {
                self.ended = true;
                return Ok(None);
            }
            let data = self.session.read(self.place)?;
            if !data.is_empty() {
                self.place += data.len() as u64;
                return Ok(Some(Heard::Data(data)));
            }
            if let Some(code) = pulse.exit {
                self.ended = true;
                return Ok(Some(Heard::Closed(code)));
            }
            // The session holds the sender as long as this holds the session.
            if self.pulse.changed().await.is_err() {
                return Ok(None);
            }
        }
    }
}
