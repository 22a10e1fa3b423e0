//! Strangers come in through public ports, and go when the port turns private.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::future::BoxFuture;
use gitpod_core::port::Visibility;
use hyper::body::{Frame, SizeHint};

use super::dispatch::Inner;
use super::upstream::Address;

/// How often an anonymous visitor's connection is checked for still being welcome.
const RECHECK: Duration = Duration::from_secs(1);

impl Inner {
    /// Ends when visitors who came in through a public port are not welcome any more.
    pub(super) async fn unwelcome(&self, to: &Address) {
        loop {
            tokio::time::sleep(RECHECK).await;
            // A store that cannot be asked just now is no reason to throw visitors out.
            let Ok(route) = self.routes.find(&to.workspace).await else {
                continue;
            };
            let welcome = route.is_some_and(|route| {
                route.instance == Some(to.instance)
                    && route.visibility(to.port) == Visibility::Public
            });
            if !welcome {
                return;
            }
        }
    }
}

/// An answer to a stranger: it breaks off when they are not welcome any more, so that its connections are closed.
pub(super) struct WhileWelcome {
    body: Body,
    unwelcome: BoxFuture<'static, ()>,
}

impl WhileWelcome {
    pub(super) fn new(body: Body, unwelcome: BoxFuture<'static, ()>) -> Self {
        Self { body, unwelcome }
    }
}

impl hyper::body::Body for WhileWelcome {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.unwelcome.as_mut().poll(cx).is_ready() {
            let why = io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the port is not public any more",
            );
            return Poll::Ready(Some(Err(axum::Error::new(why))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
