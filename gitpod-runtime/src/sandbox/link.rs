//! The server's end of a channel, for asynchronous code.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use gitpod_core::{Error, ErrorKind, Result};
use tokio::io::unix::AsyncFd;

use super::channel::Channel;
use super::protocol::{Reply, Request};

/// A connection to a shim.
#[derive(Debug)]
pub(super) struct Link(AsyncFd<Channel>);

impl Link {
    #[expect(
        unsafe_code,
        reason = "tokio leaves it to the caller that the descriptor stays the same"
    )]
    pub(super) fn new(channel: Channel) -> Result<Self> {
        channel
            .set_nonblocking()
            // SAFETY: a channel owns its descriptor, which stays open and the same as long as the registration.
            .and_then(|()| Ok(unsafe { AsyncFd::register(channel) }?))
            .map(Self)
            .map_err(|error| lost(error.into()))
    }

    /// Sends a request.
    pub(super) async fn send(&self, request: &Request, fds: &[OwnedFd]) -> Result<()> {
        let result = self
            .0
            .async_io(tokio::io::Interest::WRITABLE, |channel| {
                let fds: Vec<BorrowedFd<'_>> = fds.iter().map(|fd| fd.as_fd()).collect();
                channel.send(request, &fds)
            })
            .await;
        result.map_err(|error| lost(Some(error)))
    }

    /// The next reply; `None` when the shim closed the channel: the instance ended.
    pub(super) async fn receive(&self) -> Result<Option<(Reply, Vec<OwnedFd>)>> {
        let result = self
            .0
            .async_io(tokio::io::Interest::READABLE, Channel::receive::<Reply>)
            .await;
        match result {
            Ok(message) => Ok(message),
            // It closed with a request of ours unread.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(None),
            Err(error) => Err(lost(Some(error))),
        }
    }

    /// Sends a request and waits for its reply. A failure reported by the shim is an error here.
    pub(super) async fn ask(
        &self,
        request: &Request,
        fds: &[OwnedFd],
    ) -> Result<Option<(Reply, Vec<OwnedFd>)>> {
        self.send(request, fds).await?;
        match self.receive().await? {
            Some((Reply::Failed(trouble), _)) => Err(trouble.into()),
            other => Ok(other),
        }
    }
}

fn lost(error: Option<io::Error>) -> Error {
    let lost = Error::new(ErrorKind::Unavailable, "lost the connection to a shim");
    match error {
        Some(error) => lost.with_source(error),
        None => lost,
    }
}
