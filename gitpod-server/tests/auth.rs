//! Tokens, sessions and the first run, through the public interface.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::access::{Principal, Scopes};
use gitpod_core::store::{IdentityStore, Role, TokenKind, User};
use gitpod_core::{Clock, ErrorKind, ManualClock, OrganizationId, Timestamp, UserId};
use gitpod_server::auth::{
    Authenticator, Credential, bootstrap, exchange_sign_in, issue, session_cookie, sign_in_link,
    sign_out,
};
use gitpod_server::store::MemoryStore;
use http::{HeaderMap, HeaderValue, Method};
use sha2::{Digest as _, Sha256};
use url::Url;

struct World {
    clock: Arc<ManualClock>,
    identities: Arc<dyn IdentityStore>,
    authenticator: Authenticator,
    user: User,
}

async fn world() -> World {
    let clock = Arc::new(ManualClock::new(
        Timestamp::from_second(1_800_000_000).unwrap(),
    ));
    let identities: Arc<dyn IdentityStore> =
        Arc::new(MemoryStore::new(Arc::<ManualClock>::clone(&clock)));
    let user = User::new(
        UserId::random(),
        OrganizationId::random(),
        "ada",
        Role::Member,
        clock.now(),
    );
    identities.put_user(&user).await.unwrap();
    World {
        authenticator: Authenticator::new(
            Arc::clone(&identities),
            Arc::<ManualClock>::clone(&clock),
        ),
        clock,
        identities,
        user,
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(k, v)| {
            (
                http::HeaderName::from_static(k),
                HeaderValue::try_from(*v).unwrap(),
            )
        })
        .collect()
}

fn bearer(token: &str) -> HeaderMap {
    headers(&[("authorization", &format!("Bearer {token}"))])
}

#[tokio::test]
async fn a_bearer_token_names_its_user_until_it_is_over() {
    let w = world().await;
    let end = w
        .clock
        .now()
        .saturating_add(Duration::from_mins(1))
        .unwrap();
    let token = issue(
        &*w.identities,
        w.user.id,
        TokenKind::Personal,
        "t",
        w.clock.now(),
        Some(end),
    )
    .await
    .unwrap();
    let good = bearer(token.expose());
    let caller = w
        .authenticator
        .authenticate(&Method::POST, &good, None)
        .await
        .unwrap();
    assert_eq!(caller.principal, Principal::User(w.user.clone()));
    assert_eq!(caller.credential, Credential::Bearer);
    w.clock.advance(Duration::from_mins(1));
    let error = w
        .authenticator
        .authenticate(&Method::POST, &good, None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn a_token_with_scopes_is_less_than_its_user() {
    let w = world().await;
    let (kind, now) = (TokenKind::Personal, w.clock.now());
    let token = issue(&*w.identities, w.user.id, kind, "t", now, None)
        .await
        .unwrap();
    let hash = hex::encode(Sha256::digest(token.expose().as_bytes()));
    let mut record = w.identities.token(&hash).await.unwrap().unwrap();
    record.scopes = Scopes::parse(["function:*", "resource:workspace::*::get"]).unwrap();
    w.identities.put_token(&record).await.unwrap();
    let good = bearer(token.expose());
    let caller = w.authenticator.authenticate(&Method::POST, &good, None);
    let Principal::Token { user, scopes } = caller.await.unwrap().principal else {
        panic!("the scopes are lost");
    };
    assert_eq!((user, scopes), (w.user, record.scopes));
}

#[tokio::test]
async fn wrong_tokens_are_refused_and_slowed_down_and_right_ones_still_pass() {
    let w = world().await;
    let token = issue(
        &*w.identities,
        w.user.id,
        TokenKind::Personal,
        "t",
        w.clock.now(),
        None,
    )
    .await
    .unwrap();
    let peer = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut kinds = Vec::new();
    for _ in 0..30 {
        let wrong = bearer("gitpod_pat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        let error = w
            .authenticator
            .authenticate(&Method::GET, &wrong, peer)
            .await
            .unwrap_err();
        kinds.push(error.kind());
    }
    assert_eq!(kinds.first(), Some(&ErrorKind::Unauthenticated));
    assert_eq!(kinds.last(), Some(&ErrorKind::RateLimited));
    assert!(
        w.authenticator
            .authenticate(&Method::GET, &bearer(token.expose()), peer)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_token_works_for_its_own_purpose_only() {
    let w = world().await;
    for kind in [TokenKind::Session, TokenKind::SignIn] {
        let token = issue(&*w.identities, w.user.id, kind, "t", w.clock.now(), None)
            .await
            .unwrap();
        let result = w
            .authenticator
            .authenticate(&Method::GET, &bearer(token.expose()), None)
            .await;
        assert_eq!(
            result.unwrap_err().kind(),
            ErrorKind::Unauthenticated,
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_sign_in_link_opens_one_session_even_when_raced() {
    let w = world().await;
    let platform = Url::parse("http://localhost:8080").unwrap();
    let link = sign_in_link(&*w.identities, &*w.clock, &platform, w.user.id, "/new")
        .await
        .unwrap();
    assert_eq!(link.path(), "/login");
    let query: Vec<_> = link.query_pairs().into_owned().collect();
    assert_eq!(query[1], (String::from("next"), String::from("/new")));
    let tries = (0..8).map(|_| exchange_sign_in(&*w.identities, &*w.clock, &query[0].1));
    let results = futures::future::join_all(tries).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    let session = results.into_iter().find_map(Result::ok).unwrap();

    let host = headers(&[("host", "localhost:8080")]);
    let cookie = session_cookie(&host, &session, false).unwrap();
    let cookie = cookie
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let with = |more: &[(&'static str, &str)]| {
        let mut all = headers(&[("host", "localhost:8080"), ("cookie", &cookie)]);
        all.extend(headers(more));
        all
    };
    let read = w
        .authenticator
        .authenticate(&Method::GET, &with(&[]), None)
        .await
        .unwrap();
    assert_eq!(read.credential, Credential::Session);
    let own = with(&[("origin", "http://localhost:8080")]);
    assert!(
        w.authenticator
            .authenticate(&Method::POST, &own, None)
            .await
            .is_ok()
    );
    for page in [
        "https://evil.example",
        "http://a-b-cccccccc.ws.localhost:8080",
    ] {
        let error = w
            .authenticator
            .authenticate(&Method::POST, &with(&[("origin", page)]), None)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{page}");
    }
    assert!(sign_out(&*w.identities, &own).await.unwrap());
    let after = w
        .authenticator
        .authenticate(&Method::GET, &own, None)
        .await
        .unwrap();
    assert_eq!(after.principal, Principal::Anonymous);
}

#[tokio::test]
async fn a_blocked_user_gets_no_session() {
    let w = world().await;
    let token = issue(
        &*w.identities,
        w.user.id,
        TokenKind::SignIn,
        "t",
        w.clock.now(),
        None,
    )
    .await
    .unwrap();
    let mut user = w.user.clone();
    user.blocked = true;
    w.identities.put_user(&user).await.unwrap();
    let error = exchange_sign_in(&*w.identities, &*w.clock, token.expose())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

fn empty_store(clock: &Arc<ManualClock>) -> Arc<dyn IdentityStore> {
    Arc::new(MemoryStore::new(Arc::<ManualClock>::clone(clock)))
}

#[tokio::test]
async fn the_first_run_makes_an_administrator_whose_token_is_in_a_private_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let w = world().await;
    let dir = tempfile::tempdir().unwrap();
    let identities = empty_store(&w.clock);
    let first = bootstrap(&*identities, &*w.clock, dir.path())
        .await
        .unwrap();
    assert!(first.is_new);
    assert_eq!(first.administrator.role, Role::Admin);
    let mode = std::fs::metadata(&first.token_file)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = std::fs::read_to_string(&first.token_file).unwrap();
    let authenticator =
        Authenticator::new(Arc::clone(&identities), Arc::<ManualClock>::clone(&w.clock));
    let caller = authenticator
        .authenticate(&Method::POST, &bearer(token.trim()), None)
        .await
        .unwrap();
    assert_eq!(
        caller.principal,
        Principal::User(first.administrator.clone())
    );

    std::fs::remove_file(&first.token_file).unwrap();
    let second = bootstrap(&*identities, &*w.clock, dir.path())
        .await
        .unwrap();
    assert!(!second.is_new);
    assert_eq!(second.administrator.id, first.administrator.id);
    assert!(
        !second.token_file.exists(),
        "later runs leave the file alone"
    );
    let files = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(files, 0, "no draft is left");
}

#[tokio::test]
async fn a_first_run_that_crashed_after_writing_the_file_is_made_good() {
    let w = world().await;
    let dir = tempfile::tempdir().unwrap();
    let crashed = bootstrap(&*empty_store(&w.clock), &*w.clock, dir.path())
        .await
        .unwrap();
    let before = std::fs::read_to_string(&crashed.token_file).unwrap();
    let identities = empty_store(&w.clock);
    let again = bootstrap(&*identities, &*w.clock, dir.path())
        .await
        .unwrap();
    assert!(again.is_new);
    let after = std::fs::read_to_string(&again.token_file).unwrap();
    assert_eq!(before, after);
    assert!(
        exchange_sign_in(&*identities, &*w.clock, after.trim())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_token_file_of_somebody_else_is_not_touched() {
    let w = world().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin-token");
    std::fs::write(&path, "precious").unwrap();
    let identities = empty_store(&w.clock);
    let error = bootstrap(&*identities, &*w.clock, dir.path())
        .await
        .unwrap_err();
    assert!(error.hint().is_some());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    assert!(identities.users().await.unwrap().is_empty());
}
