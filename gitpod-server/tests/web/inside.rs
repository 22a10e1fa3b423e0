//! Programs that serve ports inside a workspace.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::world::{Inside, World};

/// Serves a port; gives the count of connections made to it.
pub(crate) fn serve(
    world: &World,
    inside: &Inside,
    port: u16,
    program: Router,
) -> Arc<AtomicUsize> {
    let mut listener = world.runtime.listen(inside.instance, port);
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Some(stream) = listener.recv().await {
            count.fetch_add(1, Ordering::Relaxed);
            let service = TowerToHyperService::new(program.clone());
            tokio::spawn(async move {
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                // A client that hangs up is no failure of the program.
                let _ = server
                    .serve_connection_with_upgrades(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    connections
}

/// Serves a port with TLS and a certificate that nobody knows.
pub(crate) fn serve_tls(world: &World, inside: &Inside, port: u16, program: Router) {
    let own = rcgen::generate_simple_self_signed([String::from("dev.example")]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let mut listener = world.runtime.listen(inside.instance, port);
    tokio::spawn(async move {
        while let Some(stream) = listener.recv().await {
            let (acceptor, program) = (acceptor.clone(), program.clone());
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.unwrap();
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                // A client that hangs up is no failure of the program.
                let _ = server
                    .serve_connection_with_upgrades(
                        TokioIo::new(stream),
                        TowerToHyperService::new(program),
                    )
                    .await;
            });
        }
    });
}

/// Answers with what it was asked: `name`, then the request line and headers, one a line.
pub(crate) fn mirror(name: &'static str) -> Router {
    Router::new().fallback(move |request: Request| async move {
        let mut text = format!("{name}\n{} {}\n", request.method(), request.uri());
        for (key, value) in request.headers() {
            for part in [key.as_str(), ": ", value.to_str().unwrap(), "\n"] {
                text.push_str(part);
            }
        }
        text
    })
}

/// Sends back what it gets, frame by frame, and trailers at the end.
pub(crate) fn echo() -> Router {
    Router::new().fallback(|request: Request| async move {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
        let kind = request.headers().get("content-type").cloned();
        let body = request
            .into_body()
            .with_trailers(async move { Some(Ok(trailers)) });
        let mut response = Response::new(Body::new(body));
        if let Some(kind) = kind {
            response.headers_mut().insert("content-type", kind);
        }
        response
    })
}

/// Accepts a WebSocket handshake and then sends back every byte.
pub(crate) fn socket() -> Router {
    Router::new().fallback(|mut request: Request| async move {
        if request
            .headers()
            .get("upgrade")
            .is_none_or(|upgrade| upgrade != "websocket")
        {
            return StatusCode::UPGRADE_REQUIRED.into_response();
        }
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut io = TokioIo::new(upgrade.await.unwrap());
            let mut buffer = [0; 1024];
            while let Ok(n @ 1..) = io.read(&mut buffer).await {
                io.write_all(&buffer[..n]).await.unwrap();
                io.flush().await.unwrap();
            }
        });
        let headers = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-accept", "x"),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    })
}
