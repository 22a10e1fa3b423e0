//! Strangers come in through public ports, and go when the port turns private; guests, when a workspace is shared no longer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::future::BoxFuture;
use gitpod_core::Secret;
use gitpod_core::port::Visibility;
use hyper::body::{Frame, SizeHint};

use super::authorize::Grant;
use super::dispatch::Inner;
use super::route::Route;
use super::upstream::Address;

/// How often an anonymous visitor's connection is checked for still being welcome.
const RECHECK: Duration = Duration::from_secs(1);

/// Why somebody who is not the owner is welcome.
#[derive(Debug, Clone)]
pub(super) enum Welcome {
    /// The port is public.
    Public,
    /// The workspace is shared, by this secret.
    Guest(Secret<String>),
}

impl Welcome {
    /// `None` for the owner, who always is.
    pub(super) fn of(grant: Grant, route: &Route) -> Option<Self> {
        match grant {
            Grant::Header | Grant::Cookie => None,
            Grant::GuestHeader | Grant::GuestCookie => Some(Self::Guest(route.guest_token.clone())),
            Grant::Public => Some(Self::Public),
        }
    }

    fn lasts(&self, route: &Route, port: u16) -> bool {
        match self {
            Self::Public => route.visibility(port) == Visibility::Public,
            Self::Guest(token) => route.guest_token == *token,
        }
    }
}

impl Inner {
    /// Ends when visitors who came in so are not welcome any more.
    pub(super) async fn unwelcome(&self, to: &Address, welcome: &Welcome) {
        loop {
            tokio::time::sleep(RECHECK).await;
            // A store that cannot be asked just now is no reason to throw visitors out.
            let Ok(route) = self.routes.find(&to.workspace).await else {
                continue;
            };
            let lasts = route.is_some_and(|route| {
                route.instance == Some(to.instance) && welcome.lasts(&route, to.port)
            });
            if !lasts {
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
                "the port is not public any more, or the workspace not shared",
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
