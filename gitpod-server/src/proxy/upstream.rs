//! Connections into instances: dialled through the platform, kept and used again per instance and port.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use futures::future::BoxFuture;
use gitpod_core::port::Protocol;
use gitpod_core::{Error, ErrorKind, InstanceId, Result, WorkspaceId};
use gitpod_runtime::BoxedIo;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio_rustls::TlsConnector;
use tower::Service;

use super::tls;
use crate::Platform;

/// How long a connection into an instance may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_mins(1);

/// How many unused connections are kept per instance and port.
const IDLE_PER_PORT: usize = 32;

/// A port of an instance.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) workspace: WorkspaceId,
    pub(crate) instance: InstanceId,
    pub(crate) port: u16,
    /// What is spoken below HTTP: TLS for `Https`.
    pub(crate) protocol: Protocol,
}

impl Address {
    /// The pool's key, with the scheme, in the shape of an authority. The instance is part of it: connections of one that ended are never reused.
    fn authority(&self) -> String {
        format!("{}.{}:{}", self.workspace, self.instance, self.port)
    }

    fn scheme(&self) -> Scheme {
        match self.protocol {
            Protocol::Http => Scheme::HTTP,
            Protocol::Https => Scheme::HTTPS,
        }
    }

    fn read(uri: &Uri) -> Option<(WorkspaceId, u16)> {
        let (workspace, _) = uri.host()?.split_once('.')?;
        Some((WorkspaceId::parse(workspace).ok()?, uri.port_u16()?))
    }
}

/// Speaks HTTP to ports of instances.
#[derive(Debug, Clone)]
pub(crate) struct Upstream {
    h1: Client<Dial, Body>,
    h2: Client<Dial, Body>,
}

/// What to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speak {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 without TLS, by prior knowledge: gRPC.
    Http2,
}

impl Upstream {
    pub(crate) fn new(platform: Platform) -> Self {
        let dial = |speak| Dial {
            platform: platform.clone(),
            tls: tls::connector(speak),
        };
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_PORT)
            .set_host(false);
        let h1 = builder.build(dial(Speak::Http1));
        let h2 = builder
            .http2_only(true)
            .http2_adaptive_window(true)
            .build(dial(Speak::Http2));
        Self { h1, h2 }
    }

    /// Sends a request; bodies stream both ways.
    ///
    /// # Errors
    /// Those of [`Platform::dial`]; `Unavailable` when the port does not speak HTTP or closes the connection.
    ///
    /// # Cancellation
    /// Dropping the future or the response's body ends the request.
    pub(crate) async fn send(
        &self,
        to: &Address,
        speak: Speak,
        mut request: Request<Body>,
    ) -> Result<Response<Body>> {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        *request.uri_mut() = Uri::builder()
            .scheme(to.scheme())
            .authority(to.authority())
            .path_and_query(path)
            .build()
            .map_err(|e| Error::invalid("cannot forward this address").with_source(e))?;
        let client = match speak {
            Speak::Http1 => {
                *request.version_mut() = http::Version::HTTP_11;
                &self.h1
            }
            Speak::Http2 => {
                *request.version_mut() = http::Version::HTTP_2;
                request.headers_mut().remove(http::header::HOST);
                &self.h2
            }
        };
        let response = client.request(request).await.map_err(|e| explain(e, to))?;
        Ok(response.map(Body::new))
    }
}

/// Gives a dialling error back as it was; anything else means that the other end misbehaved.
fn explain(error: hyper_util::client::legacy::Error, to: &Address) -> Error {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(current) = cause {
        if let Some(dialled) = current.downcast_ref::<Error>() {
            let error = Error::new(dialled.kind(), dialled.message().to_owned())
                .with_context("port", to.port);
            return match dialled.hint() {
                Some(hint) => error.with_hint(hint),
                None => error,
            };
        }
        cause = current.source();
    }
    Error::new(
        ErrorKind::Unexpected,
        "the program on this port did not answer in HTTP",
    )
    .with_context("port", to.port)
    .with_source(error)
}

/// Opens connections by the pool's keys.
#[derive(Clone)]
struct Dial {
    platform: Platform,
    tls: TlsConnector,
}

impl Service<Uri> for Dial {
    type Response = Dialled;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Dialled>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { platform, tls } = self.clone();
        Box::pin(async move {
            let (workspace, port) = Address::read(&uri)
                .ok_or_else(|| Error::unexpected("not an address of an instance"))?;
            let secure = uri.scheme() == Some(&Scheme::HTTPS);
            let connect = async {
                let io = platform.dial(&workspace, port).await?;
                if secure {
                    tls::connect(&tls, io).await
                } else {
                    Ok(io)
                }
            };
            let io = tokio::time::timeout(CONNECT, connect).await.map_err(|_| {
                Error::new(
                    ErrorKind::TimedOut,
                    "the port did not accept the connection in time",
                )
            })??;
            Ok(Dialled(TokioIo::new(io)))
        })
    }
}

/// A connection into an instance.
struct Dialled(TokioIo<BoxedIo>);

impl Connection for Dialled {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Dialled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl Write for Dialled {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }
}
