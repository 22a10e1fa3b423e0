//! A shared workspace: who gets in, as whom, and for how long.

use std::time::Duration;

use gitpod_core::ErrorKind;
use gitpod_core::access::Principal;
use http::StatusCode;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::{get, open, request};
use super::inside::{mirror, serve, socket};
use super::world::{Inside, World};

const TOKEN: &str = "x-gitpod-owner-token";
const LIMIT: Duration = Duration::from_secs(20);

/// What the workspace's editor answers to this token.
async fn answer(world: &World, inside: &Inside, token: &str) -> StatusCode {
    let host = world.editor_host(inside);
    get(world.address, &host, "/", &[(TOKEN, token)])
        .await
        .status
}

/// Follows an entrance; gives the cookie that it sets.
async fn enter(world: &World, inside: &Inside, by: &Principal) -> String {
    let entrance = world
        .proxy
        .entrance(by, &inside.id, None, "/")
        .await
        .unwrap();
    let (_, query) = entrance.split_once("/_auth").unwrap();
    let (host, path) = (world.editor_host(inside), format!("/_auth{query}"));
    let answer = get(world.address, &host, &path, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn guests_come_in_while_it_is_shared() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 23000, mirror("editor"));
    let guest = world.user("eve").await;
    let platform = &world.platform;
    let unknown = platform.get(&guest, &inside.id).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    let refused = platform.share(&guest, &inside.id, true).await.unwrap_err();
    assert_eq!(
        refused.kind(),
        ErrorKind::NotFound,
        "nobody invites themselves"
    );

    platform
        .share(&world.owner, &inside.id, true)
        .await
        .unwrap();
    platform.get(&guest, &inside.id).await.unwrap();
    let token = platform.owner_token(&guest, &inside.id).await.unwrap();
    assert_ne!(
        *token.expose(),
        inside.token,
        "guests never get the owner's secret"
    );
    assert_eq!(
        answer(&world, &inside, token.expose()).await,
        StatusCode::OK
    );
    let cookie = enter(&world, &inside, &guest).await;
    assert!(cookie.contains(token.expose()) && !cookie.contains(&inside.token));
    let host = world.editor_host(&inside);
    let headers = [("cookie", cookie.as_str()), ("accept", "text/html")];
    let page = get(world.address, &host, "/", &headers).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for error in [
        platform.stop(&guest, &inside.id).await.map(drop),
        platform.delete(&guest, &inside.id).await,
        platform.share(&guest, &inside.id, false).await.map(drop),
    ] {
        let error = error.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::PermissionDenied,
            "a guest is no owner"
        );
    }
    let listed = platform
        .list(&guest, gitpod_core::store::Query::default())
        .await;
    assert!(
        listed.unwrap().is_empty(),
        "guests know the address, or they do not"
    );

    platform
        .share(&world.owner, &inside.id, false)
        .await
        .unwrap();
    let gone = platform.get(&guest, &inside.id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let shut = async {
        while answer(&world, &inside, token.expose()).await == StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LIMIT, shut).await.unwrap();
    assert_eq!(answer(&world, &inside, &inside.token).await, StatusCode::OK);

    // Shared again, it is another secret that opens it.
    platform
        .share(&world.owner, &inside.id, true)
        .await
        .unwrap();
    let again = platform.owner_token(&guest, &inside.id).await.unwrap();
    assert_ne!(again, token);
    assert_ne!(
        answer(&world, &inside, token.expose()).await,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_guest_s_connection_ends_with_the_sharing_and_the_owner_s_goes_on() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 3000, socket());
    serve(&world, &inside, 8080, socket());
    world
        .platform
        .share(&world.owner, &inside.id, true)
        .await
        .unwrap();
    let guest = world.user("eve").await;
    let token = world
        .platform
        .owner_token(&guest, &inside.id)
        .await
        .unwrap();
    let connect = async |token: &str| {
        let headers = [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            (TOKEN, token),
        ];
        let asked = request(&world.port_host(&inside, 8080), "/", &headers);
        let mut answer = open(world.address, asked).await;
        assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
        let mut io = TokioIo::new(hyper::upgrade::on(&mut answer).await.unwrap());
        io.write_all(b"x").await.unwrap();
        assert_eq!(io.read(&mut [0; 8]).await.unwrap(), 1);
        io
    };
    let mut of_guest = connect(token.expose()).await;
    let mut of_owner = connect(&inside.token).await;

    world
        .platform
        .share(&world.owner, &inside.id, false)
        .await
        .unwrap();
    let end = tokio::time::timeout(LIMIT, of_guest.read(&mut [0; 8])).await;
    assert_eq!(end.expect("the guest's connection ends").unwrap_or(0), 0);
    of_owner.write_all(b"y").await.unwrap();
    assert_eq!(of_owner.read(&mut [0; 8]).await.unwrap(), 1);
}
