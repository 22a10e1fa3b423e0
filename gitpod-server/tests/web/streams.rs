//! Bytes in both directions: bodies, WebSockets, gRPC.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt as _;
use http::{Method, Request, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::client::{get, next_data, open, open_h2, request, send};
use super::inside::{echo, mirror, serve, socket};
use super::world::{Inside, World};

const TOKEN: &str = "x-gitpod-owner-token";

/// A body that is written piece by piece.
pub(crate) fn piecewise() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel(1);
    (
        sender,
        Body::from_stream(ReceiverStream::new(receiver).map(Ok::<_, std::io::Error>)),
    )
}

fn handshake(world: &World, inside: &Inside, host: &str, origin: &str) -> Request<Body> {
    let cookie = format!(
        "{}={}",
        world.hosts.owner_cookie(inside.instance),
        inside.token
    );
    let headers = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
        ("cookie", cookie.as_str()),
        ("origin", origin),
    ];
    request(host, "/socket", &headers)
}

#[tokio::test]
async fn bodies_stream_both_ways_without_waiting_for_their_end() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 3000, echo());
    let (pieces, body) = piecewise();
    let mut request = request(&world.port_host(&inside, 3000), "/", &[]);
    *request.method_mut() = Method::POST;
    *request.body_mut() = body;
    pieces.send(Bytes::from_static(b"one")).await.unwrap();
    let mut answer = open(world.address, request).await.into_body();
    assert_eq!(next_data(&mut answer).await.unwrap(), "one");
    // The first piece came back before the second was written.
    pieces.send(Bytes::from_static(b"two")).await.unwrap();
    assert_eq!(next_data(&mut answer).await.unwrap(), "two");
    drop(pieces);
    assert!(answer.collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn websockets_pass_from_the_own_origin_only() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 23000, socket());
    let host = world.editor_host(&inside);
    for foreign in [
        "https://evil.example",
        "http://localhost",
        "null",
        &format!("http://{}", world.port_host(&inside, 3000)),
    ] {
        let refused = send(world.address, handshake(&world, &inside, &host, foreign)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{foreign}");
    }

    let mut answer = open(
        world.address,
        handshake(&world, &inside, &host, &format!("http://{host}")),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(answer.headers()["upgrade"], "websocket");
    assert_eq!(answer.headers()["sec-websocket-accept"], "x");
    let mut io = TokioIo::new(hyper::upgrade::on(&mut answer).await.unwrap());
    for message in [&b"hello"[..], b"again"] {
        io.write_all(message).await.unwrap();
        let mut back = vec![0; message.len()];
        io.read_exact(&mut back).await.unwrap();
        assert_eq!(back, message);
    }
    // A server that ends takes its tunnels along, and waits for no client.
    tokio::time::timeout(Duration::from_secs(5), world.proxy.close())
        .await
        .unwrap();
    assert_eq!(io.read(&mut [0; 8]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_websocket_nobody_accepts_is_an_ordinary_answer() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 23000, mirror("editor"));
    let host = world.editor_host(&inside);
    let answer = send(
        world.address,
        handshake(&world, &inside, &host, &format!("http://{host}")),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.text.contains("upgrade: websocket"),
        "{}",
        answer.text
    );
    let other = [
        ("connection", "Upgrade"),
        ("upgrade", "h2c"),
        (TOKEN, inside.token.as_str()),
    ];
    assert_eq!(
        get(world.address, &host, "/", &other).await.status,
        StatusCode::NOT_IMPLEMENTED
    );
}

fn grpc(world: &World, inside: &Inside, token: &str, body: Body) -> Request<Body> {
    Request::post(format!(
        "http://{}/supervisor.ExecService/Exec",
        world.editor_host(inside)
    ))
    .version(Version::HTTP_2)
    .header("content-type", "application/grpc")
    .header("te", "trailers")
    .header(TOKEN, token)
    .body(body)
    .unwrap()
}

#[tokio::test]
async fn grpc_streams_both_ways_and_ends_with_trailers() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 22999, echo());
    let (pieces, body) = piecewise();
    let answer = open_h2(world.address, grpc(&world, &inside, &inside.token, body)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let mut answer = answer.into_body();
    for piece in ["one", "two"] {
        pieces.send(Bytes::from(piece)).await.unwrap();
        assert_eq!(next_data(&mut answer).await.unwrap(), piece);
    }
    drop(pieces);
    let rest = answer.collect().await.unwrap();
    assert_eq!(rest.trailers().unwrap()["grpc-status"], "0");
}

#[tokio::test]
async fn grpc_clients_get_their_refusals_as_status() {
    let world = World::new().await;
    let inside = world.workspace().await;
    for (token, status) in [("guess", "7"), (inside.token.as_str(), "14")] {
        let answer = open_h2(world.address, grpc(&world, &inside, token, Body::empty())).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            answer.headers()["grpc-status"],
            status,
            "{:?}",
            answer.headers()
        );
    }
}
