//! Pipes of child processes, as asynchronous streams.

use std::io;
use std::os::fd::OwnedFd;

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;

/// Most of one read.
const CHUNK: usize = 16 * 1024;

/// A pipe that a child writes to.
#[derive(Debug)]
pub(crate) struct Output(Option<pipe::Receiver>);

impl Output {
    /// Takes our end of it; `None` gives an output that has ended.
    ///
    /// # Errors
    /// It is no pipe, or cannot be made non-blocking.
    pub(crate) fn new(end: Option<OwnedFd>) -> io::Result<Self> {
        Ok(Self(end.map(pipe::Receiver::from_owned_fd).transpose()?))
    }

    /// What comes next; `None` at its end. An error counts as the end.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        let receiver = self.0.as_mut()?;
        let mut chunk = Vec::with_capacity(CHUNK);
        if let Ok(1..) = receiver.read_buf(&mut chunk).await {
            return Some(Bytes::from(chunk));
        }
        self.0 = None;
        None
    }

    /// Everything up to `limit` bytes; the rest is left unread.
    pub(crate) async fn read_up_to(&mut self, limit: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < limit {
            let Some(chunk) = self.next().await else {
                break;
            };
            all.extend_from_slice(&chunk);
        }
        all.truncate(limit);
        all
    }
}
