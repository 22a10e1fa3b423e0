use std::time::Duration;

use gitpod_core::store::{IdentityStore, TokenKind};
use gitpod_core::{Clock, Error, ErrorKind, Result, Secret, Timestamp, UserId};
use url::Url;

use super::{cookie, token};

/// How long a browser stays signed in.
const SESSION: Duration = Duration::from_hours(30 * 24);
/// How long a sign-in link works.
const LINK: Duration = Duration::from_hours(24);

/// A session that was just opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewSession {
    /// Goes into the cookie.
    pub token: Secret<String>,
    /// How long it lasts.
    pub valid_for: Duration,
}

impl NewSession {
    pub(super) fn new(token: Secret<String>, valid_for: Duration) -> Self {
        Self { token, valid_for }
    }
}

/// A link that signs `user` in once, within a day, and then shows the page `next` (see [`next_path`]).
///
/// # Errors
/// The store cannot be written.
pub async fn sign_in_link(
    identities: &dyn IdentityStore,
    clock: &dyn Clock,
    platform: &Url,
    user: UserId,
    next: &str,
) -> Result<Url> {
    let now = clock.now();
    let token = token::issue(
        identities,
        user,
        TokenKind::SignIn,
        "sign-in link",
        now,
        Some(after(now, LINK)),
    )
    .await?;
    let mut link = platform.clone();
    link.set_path("/login");
    let mut query = link.query_pairs_mut();
    query.clear().append_pair("token", token.expose());
    match next_path(next) {
        "/" => {}
        next => {
            query.append_pair("next", next);
        }
    }
    drop(query);
    Ok(link)
}

/// Opens a session for the owner of a sign-in token (which is used up: of several tries one succeeds) or of a personal token
/// (which stays good).
///
/// # Errors
/// `Unauthenticated` when the token is wrong, over or used; `PermissionDenied` when its user is blocked.
pub async fn exchange_sign_in(
    identities: &dyn IdentityStore,
    clock: &dyn Clock,
    text: &str,
) -> Result<NewSession> {
    let refused = || {
        Error::new(ErrorKind::Unauthenticated, "this sign-in token does not work (any more)")
            .with_hint("sign-in links work once; paste the token of the file `admin-token` in the server's data directory")
    };
    let kinds = [TokenKind::SignIn, TokenKind::Personal];
    let record = token::find(identities, clock, text.trim(), &kinds)
        .await?
        .ok_or_else(refused)?;
    let user = identities.user(record.user).await?.ok_or_else(refused)?;
    if user.blocked {
        return Err(
            Error::new(ErrorKind::PermissionDenied, "this user is blocked")
                .with_hint("ask the administrator of this installation"),
        );
    }
    if record.kind == TokenKind::SignIn && !identities.revoke_token(&record.hash).await? {
        return Err(refused());
    }
    let now = clock.now();
    let session = token::issue(
        identities,
        user.id,
        TokenKind::Session,
        "browser",
        now,
        Some(after(now, SESSION)),
    )
    .await?;
    Ok(NewSession::new(session, SESSION))
}

/// Ends the session that a request carries; says whether there was one.
///
/// # Errors
/// The store cannot be written.
pub async fn sign_out(identities: &dyn IdentityStore, headers: &http::HeaderMap) -> Result<bool> {
    match cookie::read(headers) {
        Some(session) if token::looks_like(session, TokenKind::Session) => {
            identities.revoke_token(&token::hash(session)).await
        }
        _ => Ok(false),
    }
}

/// `next` if it is a path on this very site, else `/`: nobody can be led elsewhere through us.
pub fn next_path(next: &str) -> &str {
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && next.len() <= 2048;
    if local { next } else { "/" }
}

fn after(now: Timestamp, by: Duration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_stays_on_this_site() {
        for good in ["/", "/workspaces?x=1#y", "/new#https://github.com/o/r"] {
            assert_eq!(next_path(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "javascript:alert(1)",
        ] {
            assert_eq!(next_path(bad), "/", "{bad:?}");
        }
    }
}
