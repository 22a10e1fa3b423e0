//! Who may open a port, and what it speaks: as the owner sets it while the workspace runs.

use std::time::Duration;

use bytes::Bytes;
use gitpod_core::ErrorKind;
use gitpod_core::port::{PortSpec, Protocol, ServedPort, Visibility};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::{get, next_data, open, request};
use super::inside::{echo, mirror, serve, serve_tls, socket};
use super::streams::piecewise;
use super::world::{Inside, World};

const TOKEN: &str = "x-gitpod-owner-token";
const LIMIT: Duration = Duration::from_secs(20);

async fn set(world: &World, inside: &Inside, port: u16, visibility: Visibility) {
    let set = world
        .platform
        .set_port(&world.owner, &inside.id, port, Some(visibility), None);
    set.await.unwrap();
}

#[tokio::test]
async fn a_port_opens_and_closes_as_its_owner_says() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 8080, mirror("app"));
    let host = world.port_host(&inside, 8080);
    let stranger = async || get(world.address, &host, "/", &[]).await.status;
    assert_eq!(stranger().await, StatusCode::UNAUTHORIZED);

    set(&world, &inside, 8080, Visibility::Public).await;
    let until = |status| {
        let stranger = &stranger;
        async move {
            while stranger().await != status {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::time::timeout(LIMIT, until(StatusCode::OK))
        .await
        .unwrap();

    // What the instance says about itself changes nothing, nor does a program that is restarted.
    for served in [false, true] {
        let reported = ServedPort::new(8080, served, &PortSpec::new(8080));
        world
            .said
            .send_modify(|facts| facts.ports = Some(vec![reported]));
        let told = world.until_it(&inside.id, |workspace| {
            let ports = &workspace.status.instance.as_ref().unwrap().ports;
            ports.iter().any(|port| {
                (port.port, port.served, port.visibility) == (8080, served, Visibility::Public)
            })
        });
        told.await;
    }
    assert_eq!(stranger().await, StatusCode::OK);

    set(&world, &inside, 8080, Visibility::Private).await;
    tokio::time::timeout(LIMIT, until(StatusCode::UNAUTHORIZED))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_repository_s_public_port_stays_public_once_it_is_served() {
    let world = World::new().await;
    let inside = world.workspace().await;
    let reported = ServedPort::new(3000, true, &PortSpec::new(3000));
    world
        .said
        .send_modify(|facts| facts.ports = Some(vec![reported]));
    let workspace = world.until_it(&inside.id, |workspace| {
        !workspace.status.instance.as_ref().unwrap().ports.is_empty()
    });
    let ports = workspace.await.status.instance.unwrap().ports;
    assert_eq!(ports[0].visibility, Visibility::Public);
}

#[tokio::test]
async fn strangers_are_shown_out_when_a_port_turns_private_and_the_owner_stays() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 3000, echo());
    let host = world.port_host(&inside, 3000);
    let open_stream = async |headers: &[(&str, &str)]| {
        let (pieces, body) = piecewise();
        let mut request = request(&host, "/", headers);
        *request.method_mut() = Method::POST;
        *request.body_mut() = body;
        pieces.send(Bytes::from_static(b"one")).await.unwrap();
        let mut answer = open(world.address, request).await.into_body();
        assert_eq!(next_data(&mut answer).await.unwrap(), "one");
        (pieces, answer)
    };
    let (_kept, mut stranger) = open_stream(&[]).await;
    let (pieces, mut owner) = open_stream(&[(TOKEN, &inside.token)]).await;

    set(&world, &inside, 3000, Visibility::Private).await;
    let end = tokio::time::timeout(LIMIT, stranger.frame()).await;
    let end = end.expect("the stranger's connection ends");
    assert!(end.is_none_or(|frame| frame.is_err()), "it goes on");
    pieces.send(Bytes::from_static(b"two")).await.unwrap();
    assert_eq!(next_data(&mut owner).await.unwrap(), "two");
}

#[tokio::test]
async fn a_visitor_s_websocket_ends_when_a_port_turns_private() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 3000, socket());
    let headers = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("origin", "https://else.example"),
    ];
    let asked = request(&world.port_host(&inside, 3000), "/", &headers);
    let mut answer = open(world.address, asked).await;
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    let mut io = TokioIo::new(hyper::upgrade::on(&mut answer).await.unwrap());
    io.write_all(b"x").await.unwrap();
    assert_eq!(io.read(&mut [0; 8]).await.unwrap(), 1);

    set(&world, &inside, 3000, Visibility::Private).await;
    let end = tokio::time::timeout(LIMIT, io.read(&mut [0; 8])).await;
    assert_eq!(end.expect("the connection ends").unwrap_or(0), 0);
}

#[tokio::test]
async fn a_port_that_speaks_https_is_reached_whatever_its_certificate() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve_tls(&world, &inside, 8443, mirror("secure"));
    serve(&world, &inside, 8080, mirror("plain"));
    let owner = [(TOKEN, inside.token.as_str()), ("accept", "text/html")];
    for port in [8443, 8080] {
        let set =
            world
                .platform
                .set_port(&world.owner, &inside.id, port, None, Some(Protocol::Https));
        set.await.unwrap();
    }
    let answer = async |port| {
        let host = world.port_host(&inside, port);
        get(world.address, &host, "/path?q=1", &owner).await
    };
    // The proxy believes what it knew of a port for a moment.
    let reached = async {
        loop {
            let answer = answer(8443).await;
            if answer.status == StatusCode::OK {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let reached = tokio::time::timeout(LIMIT, reached).await.unwrap();
    assert!(
        reached.text.starts_with("secure\nGET /path?q=1\n"),
        "{}",
        reached.text
    );
    assert!(
        reached
            .text
            .contains(&format!("host: {}\n", world.port_host(&inside, 8443))),
        "{}",
        reached.text
    );
    // One that does not is told from one that failed.
    let plain = answer(8080).await;
    assert_eq!(plain.status, StatusCode::BAD_GATEWAY);
    assert!(
        plain.text.contains("does not speak HTTPS"),
        "{}",
        plain.text
    );
}

#[tokio::test]
async fn what_cannot_be_set_is_refused() {
    let world = World::new().await;
    let inside = world.workspace().await;
    let public = Some(Visibility::Public);
    let refused = async |by, port, visibility| {
        let set = world
            .platform
            .set_port(by, &inside.id, port, visibility, None);
        set.await.unwrap_err().kind()
    };
    for port in [0, 22_999, 23_000] {
        assert_eq!(
            refused(&world.owner, port, public).await,
            ErrorKind::InvalidInput,
            "{port}"
        );
    }
    assert_eq!(
        refused(&world.owner, 3000, None).await,
        ErrorKind::InvalidInput
    );
    let other = world.user("eve").await;
    assert_eq!(refused(&other, 3000, public).await, ErrorKind::NotFound);
    world.platform.stop(&world.owner, &inside.id).await.unwrap();
    world
        .until(&inside.id, gitpod_core::workspace::Phase::Stopped)
        .await;
    assert_eq!(
        refused(&world.owner, 3000, public).await,
        ErrorKind::FailedPrecondition
    );
}

#[tokio::test]
async fn the_page_says_who_may_open_a_port_and_what_changing_it_means() {
    let world = World::new().await;
    let inside = world.workspace().await;
    let session = world.session(&world.owner).await;
    let page = async || {
        let path = format!("/workspaces/{}", inside.id);
        let (host, cookie) = (world.platform_host(), [("cookie", session.as_str())]);
        get(world.address, &host, &path, &cookie).await.text
    };
    set(&world, &inside, 8080, Visibility::Private).await;
    let private = page().await;
    for part in ["only you may open it", "Make public", "without signing in"] {
        assert!(private.contains(part), "{part}: {private}");
    }
    set(&world, &inside, 8080, Visibility::Public).await;
    let public = page().await;
    let address = world.hosts.port_url(&inside.id, 8080);
    for part in ["everybody with the address", "Make private", &address] {
        assert!(public.contains(part), "{part}: {public}");
    }
}
