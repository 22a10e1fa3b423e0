//! Who reaches what, and what changes on the way.

use std::sync::atomic::Ordering;

use axum::Router;
use gitpod_core::ErrorKind;
use gitpod_core::workspace::Phase;
use http::StatusCode;
use http::header::SET_COOKIE;

use super::client::{get, open, request};
use super::inside::{mirror, serve};
use super::world::World;

const TOKEN: &str = "x-gitpod-owner-token";

#[tokio::test]
async fn a_private_port_opens_to_its_owner_only() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 8080, mirror("app"));
    let host = world.port_host(&inside, 8080);

    let nobody = get(world.address, &host, "/", &[]).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert!(nobody.text.contains("private"), "{}", nobody.text);
    let wrong = get(world.address, &host, "/", &[(TOKEN, "guess")]).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let malformed = format!("{}=%zz", world.hosts.owner_cookie(inside.instance));
    assert_eq!(
        get(world.address, &host, "/", &[("cookie", &malformed)])
            .await
            .status,
        StatusCode::BAD_REQUEST
    );

    let owner = get(world.address, &host, "/a?b=c", &[(TOKEN, &inside.token)]).await;
    assert_eq!(owner.status, StatusCode::OK);
    assert!(
        owner.text.starts_with("app\nGET /a?b=c\n"),
        "{}",
        owner.text
    );
}

#[tokio::test]
async fn the_token_of_a_new_instance_counts_at_once() {
    let world = World::new().await;
    let before = world.workspace().await;
    let host = world.port_host(&before, 8080);
    serve(&world, &before, 8080, mirror("first"));
    // The proxy knows the instance, and believes what it knows for a moment.
    let first = get(world.address, &host, "/", &[(TOKEN, &before.token)]).await;
    assert_eq!(first.status, StatusCode::OK);
    let after = world.restart(&before).await;
    serve(&world, &after, 8080, mirror("second"));
    let second = get(world.address, &host, "/", &[(TOKEN, &after.token)]).await;
    assert!(second.text.starts_with("second"), "{}", second.text);
    let old = get(world.address, &host, "/", &[(TOKEN, &before.token)]).await;
    assert_eq!(old.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn user_code_learns_where_it_is_and_nothing_secret() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 8080, mirror("app"));
    let host = world.port_host(&inside, 8080);
    let prefix = world.hosts.cookie_prefix();
    let cookie = format!(
        "mine=1; {prefix}session_=secret; {}={}; last=2",
        world.hosts.owner_cookie(inside.instance),
        inside.token
    );
    let headers = [
        ("cookie", cookie.as_str()),
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-host", "evil"),
        ("te", "gzip"),
    ];
    let answer = get(world.address, &host, "/", &headers).await;
    assert_eq!(answer.status, StatusCode::OK);
    for line in [
        "cookie: mine=1; last=2".to_owned(),
        format!("host: {host}"),
        format!("x-forwarded-host: {host}"),
        "x-forwarded-for: 127.0.0.1".to_owned(),
        "x-forwarded-proto: http".to_owned(),
        format!("x-forwarded-port: {}", world.address.port()),
    ] {
        assert!(
            answer.text.lines().any(|l| l == line),
            "{line} in {}",
            answer.text
        );
    }
    for secret in [inside.token.as_str(), "secret", "evil", "6.6.6.6", "te: "] {
        assert!(!answer.text.contains(secret), "{secret} in {}", answer.text);
    }
}

#[tokio::test]
async fn editor_and_supervisor_share_a_host() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 23000, mirror("editor"));
    serve(&world, &inside, 22999, mirror("supervisor"));
    let host = world.editor_host(&inside);
    for (path, program) in [
        ("/", "editor"),
        ("/_supervisor", "editor"),
        ("/_supervisor/v1/status/ide", "supervisor"),
        ("/supervisor.StatusService/IDEStatus", "supervisor"),
        ("/supervisor.txt", "editor"),
    ] {
        let answer = get(world.address, &host, path, &[(TOKEN, &inside.token)]).await;
        assert!(answer.text.starts_with(program), "{path}: {}", answer.text);
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'self'")
        );
    }
}

#[tokio::test]
async fn a_public_port_is_open_but_our_own_ports_never_are() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 3000, mirror("app"));
    serve(&world, &inside, 22999, mirror("supervisor"));
    let answer = get(
        world.address,
        &world.port_host(&inside, 3000),
        "/",
        &[("origin", "https://else.example")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    // The repository asked for this port to be public as well.
    let supervisor = get(world.address, &world.port_host(&inside, 22999), "/", &[]).await;
    assert_eq!(supervisor.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_owner_is_handed_over_once_and_gets_a_cookie() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 8080, mirror("app"));
    let host = world.port_host(&inside, 8080);

    let page = [
        ("accept", "text/html"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let sent = get(world.address, &host, "/a?b", &page).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let expected = format!(
        "{}/open/{}?port=8080&next=%2Fa%3Fb",
        world.hosts.platform_url(),
        inside.id
    );
    assert_eq!(sent.header("location"), expected);

    let session = world.session(&world.owner).await;
    let asked = format!("/open/{}?port=8080&next=%2Fa%3Fb", inside.id);
    let opened = get(
        world.address,
        &world.platform_host(),
        &asked,
        &[("cookie", &session)],
    )
    .await;
    let ticket = opened
        .header("location")
        .strip_prefix(&format!("http://{host}"))
        .unwrap()
        .to_owned();
    let entered = get(world.address, &host, &ticket, &[]).await;
    assert_eq!(
        (entered.status, entered.header("location")),
        (StatusCode::SEE_OTHER, "/a?b")
    );
    assert_eq!(entered.header("cache-control"), "no-store");
    let cookie = entered.header("set-cookie");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );

    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(
        get(world.address, &host, "/a?b", &[("cookie", cookie)])
            .await
            .status,
        StatusCode::OK
    );
    let again = get(world.address, &host, &ticket, &[]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(again.header("set-cookie"), "");
}

#[tokio::test]
async fn a_code_opens_no_other_host_and_no_stranger_gets_one() {
    let world = World::new().await;
    let inside = world.workspace().await;
    let ticket = world
        .proxy
        .entrance(&world.owner, &inside.id, Some(8080), "/")
        .await
        .unwrap();
    let path = ticket
        .split_once("/_auth")
        .map(|(_, query)| format!("/_auth{query}"))
        .unwrap();
    let elsewhere = get(world.address, &world.editor_host(&inside), &path, &[]).await;
    assert_eq!(
        (elsewhere.status, elsewhere.header("set-cookie")),
        (StatusCode::FORBIDDEN, "")
    );

    let stranger = world.user("eve").await;
    let refused = world
        .proxy
        .entrance(&stranger, &inside.id, None, "/")
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused.kind(),
            ErrorKind::NotFound | ErrorKind::PermissionDenied
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn pages_of_other_workspaces_cannot_use_the_owners_cookie() {
    let world = World::new().await;
    let inside = world.workspace().await;
    serve(&world, &inside, 23000, mirror("editor"));
    let cookie = format!(
        "{}={}",
        world.hosts.owner_cookie(inside.instance),
        inside.token
    );
    let host = world.editor_host(&inside);
    let own = format!("http://{host}");
    for (origin, expected) in [
        (own.as_str(), StatusCode::OK),
        (
            "http://3000-coral-otter-k3v9x2ab.ws.localhost",
            StatusCode::FORBIDDEN,
        ),
        ("https://evil.example", StatusCode::FORBIDDEN),
        ("null", StatusCode::FORBIDDEN),
    ] {
        let answer = get(
            world.address,
            &host,
            "/",
            &[("cookie", &cookie), ("origin", origin)],
        )
        .await;
        assert_eq!(answer.status, expected, "{origin}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_ours_reaches_nothing() {
    let world = World::new().await;
    for host in [
        "evil.example",
        "localhost.evil.example",
        "x.ws.localhost",
        "99999-amber-falcon-k3v9x2ab.ws.localhost",
    ] {
        let answer = get(world.address, host, "/login", &[]).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    let unknown = get(
        world.address,
        "amber-falcon-k3v9x2ab.ws.localhost",
        "/",
        &[("accept", "text/html")],
    )
    .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(
        unknown.text.contains("no such workspace"),
        "{}",
        unknown.text
    );
    let mut two = request("localhost", "/login", &[]);
    two.headers_mut()
        .append("host", "evil.example".parse().unwrap());
    assert_eq!(
        open(world.address, two).await.status(),
        StatusCode::BAD_REQUEST
    );
    let huge = "x".repeat(70_000);
    let answer = get(world.address, "localhost", "/login", &[("x-huge", &huge)]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn silence_inside_is_explained() {
    let world = World::new().await;
    let inside = world.workspace().await;
    let page = [(TOKEN, inside.token.as_str()), ("accept", "text/html")];
    let port = get(world.address, &world.port_host(&inside, 8081), "/", &page).await;
    assert_eq!(port.status, StatusCode::NOT_FOUND);
    assert!(port.text.contains("port 8081"), "{}", port.text);
    let editor = get(world.address, &world.editor_host(&inside), "/", &page).await;
    assert_eq!(editor.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(editor.header("retry-after"), "1");
    // It has answered before: this is no start to be watched.
    assert!(editor.text.contains("The editor does not answer"));
    assert!(editor.text.contains(&format!("/workspaces/{}", inside.id)));

    world.platform.stop(&world.owner, &inside.id).await.unwrap();
    world.until(&inside.id, Phase::Stopped).await;
    // The route is believed for a moment longer.
    let stopped = loop {
        let answer = get(world.address, &world.editor_host(&inside), "/", &page).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(stopped.status, StatusCode::NOT_FOUND);
    assert!(
        stopped.text.contains("Start the workspace"),
        "{}",
        stopped.text
    );
}

#[tokio::test]
async fn user_code_cannot_plant_cookies_elsewhere() {
    let world = World::new().await;
    let inside = world.workspace().await;
    let planted = format!("{}session_=evil", world.hosts.cookie_prefix());
    let program = Router::new().fallback(move || async move {
        let mut response = axum::response::Response::new(axum::body::Body::empty());
        for cookie in ["own=1", "wide=1; Domain=ws.localhost", planted.as_str()] {
            response
                .headers_mut()
                .append(SET_COOKIE, cookie.parse().unwrap());
        }
        response
            .headers_mut()
            .insert("x-frame-options", "DENY".parse().unwrap());
        response
    });
    serve(&world, &inside, 3000, program);
    let answer = get(world.address, &world.port_host(&inside, 3000), "/", &[]).await;
    let cookies: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["own=1"]);
    assert!(!answer.headers.contains_key("x-frame-options"));
}

#[tokio::test]
async fn connections_into_an_instance_are_used_again() {
    let world = World::new().await;
    let inside = world.workspace().await;
    let connections = serve(&world, &inside, 3000, mirror("app"));
    for _ in 0..20 {
        let answer = get(world.address, &world.port_host(&inside, 3000), "/", &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}
