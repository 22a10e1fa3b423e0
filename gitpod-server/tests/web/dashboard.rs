//! The pages.

use std::time::Duration;

use axum::body::Body;
use gitpod_core::port::Visibility;
use gitpod_core::store::{TokenKind, WorkspaceStore as _};
use gitpod_core::workspace::Phase;
use http::{Request, StatusCode};

use super::client::{get, next_data, open, request, send};
use super::world::World;

fn form(host: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = request(host, path, headers);
    *request.method_mut() = http::Method::POST;
    request.headers_mut().insert(
        "content-type",
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    *request.body_mut() = Body::from(body.to_owned());
    request
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_signing_in_and_back() {
    let world = World::new().await;
    let host = world.platform_host();
    let id = world.workspace().await.id;
    for (path, expected) in [
        ("/", "/workspaces".to_owned()),
        ("/workspaces", "/login".to_owned()),
        ("/new", "/login?next=%2Fnew".to_owned()),
        (
            &format!("/open/{id}?port=1"),
            format!("/login?next=%2Fopen%2F{id}%3Fport%3D1"),
        ),
    ] {
        let answer = get(world.address, &host, path, &[]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, expected.as_str()),
            "{path}"
        );
    }
    assert_eq!(
        get(world.address, &host, "/events", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_only_when_its_owner_follows_it() {
    let world = World::new().await;
    let host = world.platform_host();
    let token = world.token(&world.owner, TokenKind::SignIn).await;
    let link = format!("/login?token={token}&next=//evil.example");
    let prepared = get(
        world.address,
        &host,
        &link,
        &[("sec-fetch-site", "cross-site")],
    )
    .await;
    assert_eq!(
        (prepared.status, prepared.header("set-cookie")),
        (StatusCode::OK, "")
    );

    let entered = get(world.address, &host, &link, &[("sec-fetch-site", "none")]).await;
    assert_eq!(
        (entered.status, entered.header("location")),
        (StatusCode::SEE_OTHER, "/")
    );
    let cookie = entered
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let page = get(world.address, &host, "/workspaces", &[("cookie", &cookie)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("No workspace yet"));

    let again = get(world.address, &host, &link, &[]).await;
    assert_eq!(
        (again.status, again.header("set-cookie")),
        (StatusCode::UNAUTHORIZED, "")
    );
    assert!(again.text.contains("sign-in-link"));
}

#[tokio::test]
async fn the_form_signs_in_from_our_own_page_and_signing_out_ends_the_session() {
    let world = World::new().await;
    let host = world.platform_host();
    let token = world.token(&world.owner, TokenKind::Personal).await;
    let body = format!("token={token}&next=/new");
    let foreign = send(
        world.address,
        form(
            &host,
            "/login",
            &[("origin", "https://evil.example")],
            &body,
        ),
    )
    .await;
    assert_eq!(
        (foreign.status, foreign.header("set-cookie")),
        (StatusCode::FORBIDDEN, "")
    );
    let own = format!("http://{host}");
    let entered = send(
        world.address,
        form(&host, "/login", &[("origin", &own)], &body),
    )
    .await;
    assert_eq!(
        (entered.status, entered.header("location")),
        (StatusCode::SEE_OTHER, "/new")
    );
    let cookie = entered
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();

    let foreign = [
        ("cookie", cookie.as_str()),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(
        send(world.address, form(&host, "/logout", &foreign, ""))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        get(world.address, &host, "/new", &[("cookie", &cookie)])
            .await
            .status,
        StatusCode::OK
    );
    let ours = [("cookie", cookie.as_str()), ("origin", own.as_str())];
    assert_eq!(
        send(world.address, form(&host, "/logout", &ours, ""))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        get(world.address, &host, "/new", &[("cookie", &cookie)])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn pages_show_a_workspace_to_its_owner_only() {
    let world = World::new().await;
    let host = world.platform_host();
    let id = world.workspace().await.id;
    let (owner, stranger) = (
        world.session(&world.owner).await,
        world.session(&world.user("eve").await).await,
    );
    let list = get(world.address, &host, "/workspaces", &[("cookie", &owner)]).await;
    assert!(
        list.text.contains(id.as_str()) && list.text.contains("1 workspace, 1 running"),
        "{}",
        list.text
    );
    let start = get(
        world.address,
        &host,
        &format!("/start/{id}"),
        &[("cookie", &owner)],
    )
    .await;
    assert_eq!(
        start.text.matches("<li class=\"done\"").count(),
        9,
        "{}",
        start.text
    );
    assert!(start.text.contains(&format!("data-go=\"/open/{id}\"")));
    let details = get(
        world.address,
        &host,
        &format!("/workspaces/{id}"),
        &[("cookie", &owner)],
    )
    .await;
    assert_eq!(details.status, StatusCode::OK);
    assert!(details.text.contains("running"), "{}", details.text);

    let list = get(
        world.address,
        &host,
        "/workspaces",
        &[("cookie", &stranger)],
    )
    .await;
    assert!(!list.text.contains(id.as_str()));
    for path in [
        format!("/start/{id}"),
        format!("/workspaces/{id}"),
        format!("/open/{id}"),
        format!("/workspaces/{id}/tasks/0/log"),
    ] {
        let answer = get(world.address, &host, &path, &[("cookie", &stranger)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_page_starts_nothing_and_a_stopped_workspace_opens_its_start_page() {
    let world = World::new().await;
    let host = world.platform_host();
    let id = world.workspace().await.id;
    let owner = world.session(&world.owner).await;
    world.platform.stop(&world.owner, &id).await.unwrap();
    world.until(&id, Phase::Stopped).await;
    let opened = get(
        world.address,
        &host,
        &format!("/open/{id}"),
        &[("cookie", &owner)],
    )
    .await;
    assert_eq!(opened.header("location"), format!("/start/{id}"));
    let start = get(
        world.address,
        &host,
        &format!("/start/{id}"),
        &[("cookie", &owner)],
    )
    .await;
    assert!(
        start.text.contains("data-action=\"start\"") && start.text.contains("data-go=\"\""),
        "{}",
        start.text
    );
    assert_eq!(
        world
            .platform
            .get(&world.owner, &id)
            .await
            .unwrap()
            .status
            .phase,
        Phase::Stopped
    );
}

#[tokio::test]
async fn names_are_text_and_never_markup() {
    let world = World::new().await;
    let host = world.platform_host();
    let id = world.workspace().await.id;
    let name = Some(String::from("<script>alert(1)</script>\" onclick=\"x"));
    world
        .platform
        .update(&world.owner, &id, name, None)
        .await
        .unwrap();
    let owner = world.session(&world.owner).await;
    for path in [
        "/workspaces".to_owned(),
        format!("/workspaces/{id}"),
        format!("/start/{id}"),
    ] {
        let page = get(world.address, &host, &path, &[("cookie", &owner)]).await;
        assert!(page.text.contains("alert(1)"), "{path}");
        assert!(
            !page.text.contains("<script>alert") && !page.text.contains("\" onclick"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_page_has_a_strict_policy_and_no_inline_code() {
    let world = World::new().await;
    let host = world.platform_host();
    let owner = world.session(&world.owner).await;
    let id = world.workspace().await.id;
    for path in [
        "/login",
        "/workspaces",
        "/new",
        "/nothing",
        &format!("/workspaces/{id}"),
        &format!("/start/{id}"),
    ] {
        let page = get(world.address, &host, path, &[("cookie", &owner)]).await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        for banned in [
            "style=",
            "onclick",
            "javascript:",
            "<script>",
            "https://cdn",
        ] {
            assert!(!page.text.contains(banned), "{banned} in {path}");
        }
        for landmark in [
            "<main id=\"main\"",
            "class=\"skip\"",
            "<nav aria-label",
            "<html lang=\"en\">",
            "<h1",
        ] {
            assert!(page.text.contains(landmark), "{landmark} in {path}");
        }
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_hash() {
    let world = World::new().await;
    let host = world.platform_host();
    let page = get(world.address, &host, "/login", &[]).await;
    let addresses: Vec<&str> = page
        .text
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    assert!(addresses.len() >= 4, "{addresses:?}");
    for address in addresses {
        let asset = get(world.address, &host, address, &[]).await;
        assert_eq!(
            (asset.status, asset.header("cache-control")),
            (StatusCode::OK, "public, max-age=31536000, immutable"),
            "{address}"
        );
    }
    // Modules import each other by relative address: each of these must be there.
    let base = page
        .text
        .split('"')
        .find_map(|part| part.strip_suffix("/app.js"))
        .unwrap();
    for name in ["app.js", "actions.js", "live.js", "logs.js", "new.js"] {
        let module = get(world.address, &host, &format!("{base}/{name}"), &[]).await;
        let imports = module
            .text
            .lines()
            .filter_map(|line| line.split_once("from './"))
            .map(|(_, rest)| rest.trim_end_matches("';"));
        for import in imports {
            assert_eq!(
                get(world.address, &host, &format!("{base}/{import}"), &[])
                    .await
                    .status,
                StatusCode::OK,
                "{import}"
            );
        }
    }
    assert_eq!(
        get(world.address, &host, "/assets/old/app.js", &[])
            .await
            .header("cache-control"),
        "no-store"
    );
    assert_eq!(
        get(world.address, &host, "/assets/x/..%2Fapp.js", &[])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn events_resume_after_the_last_one_and_stay_with_their_user() {
    let world = World::new().await;
    let host = world.platform_host();
    let id = world.workspace().await.id;
    let owner = world.session(&world.owner).await;
    let mut stream = open(
        world.address,
        request(&host, "/events?after=0", &[("cookie", &owner)]),
    )
    .await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let first = next_data(stream.body_mut()).await.unwrap();
    let text = String::from_utf8_lossy(&first).into_owned();
    assert!(
        text.contains("event: workspace")
            && text.contains(id.as_str())
            && text.contains("\"created\""),
        "{text}"
    );
    let sequence = text
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .to_owned();

    let headers = [
        ("cookie", owner.as_str()),
        ("last-event-id", sequence.as_str()),
    ];
    let mut resumed = open(world.address, request(&host, "/events?after=0", &headers)).await;
    let next = next_data(resumed.body_mut()).await.unwrap();
    assert!(
        !String::from_utf8_lossy(&next).contains("\"created\""),
        "{next:?}"
    );

    let stranger = world.session(&world.user("eve").await).await;
    let mut theirs = open(
        world.address,
        request(&host, "/events?after=0", &[("cookie", &stranger)]),
    )
    .await;
    world.platform.stop(&world.owner, &id).await.unwrap();
    world.until(&id, Phase::Stopped).await;
    let silence =
        tokio::time::timeout(Duration::from_millis(300), next_data(theirs.body_mut())).await;
    assert!(silence.is_err(), "{silence:?}");
}

/// What a message of an event stream says: its name and its number.
async fn message(stream: &mut http::Response<hyper::body::Incoming>) -> (String, u64) {
    let data = next_data(stream.body_mut()).await.unwrap();
    let text = String::from_utf8_lossy(&data).into_owned();
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap_or_else(|| panic!("no {name}in {text:?}"))
    };
    (field("event: ").to_owned(), field("id: ").parse().unwrap())
}

#[tokio::test]
async fn who_resumes_from_before_what_was_removed_is_told_to_read_anew_and_misses_nothing() {
    let world = World::new().await;
    let host = world.platform_host();
    let session = world.session(&world.owner).await;
    let inside = world.workspace().await;
    let make_public = async |port| {
        let public = Some(Visibility::Public);
        let set = world
            .platform
            .set_port(&world.owner, &inside.id, port, public, None);
        set.await.unwrap();
    };
    let resume = async |from: u64| {
        let from = from.to_string();
        let headers = [
            ("cookie", session.as_str()),
            ("last-event-id", from.as_str()),
        ];
        open(world.address, request(&host, "/events", &headers)).await
    };
    let heard = world.platform.last_sequence().await.unwrap().0;
    for port in [4001, 4002, 4003] {
        make_public(port).await;
    }
    world.store.prune(1).await.unwrap();

    let mut stream = resume(heard).await;
    let (name, anew) = message(&mut stream).await;
    assert_eq!(name, "resync");
    assert!(anew > heard, "{anew} > {heard}");
    let page = format!("/workspaces/{}", inside.id);
    let page = get(world.address, &host, &page, &[("cookie", &session)]).await;
    for port in ["4001", "4002", "4003"] {
        assert!(page.text.contains(port), "{}", page.text);
    }

    make_public(4004).await;
    let mut stream = resume(anew).await;
    let (name, next) = message(&mut stream).await;
    assert_eq!((name.as_str(), next), ("workspace", anew + 1));
}
