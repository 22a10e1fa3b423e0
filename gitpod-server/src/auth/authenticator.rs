use std::net::IpAddr;
use std::sync::Arc;

use gitpod_core::access::Principal;
use gitpod_core::store::{IdentityStore, TokenKind};
use gitpod_core::{Clock, Error, ErrorKind, Result, Retry};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

use super::failures::Failures;
use super::{cookie, origin, token};

/// Tells who makes a request. Cheap to clone; all clones share their count of failures.
#[derive(Debug, Clone)]
pub struct Authenticator {
    identities: Arc<dyn IdentityStore>,
    clock: Arc<dyn Clock>,
    failures: Arc<Failures>,
}

/// Who makes a request, and how they proved it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// How.
    pub credential: Credential,
}

/// What a request proved its caller with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    None,
    /// A bearer token.
    Bearer,
    /// A browser's session.
    Session,
}

impl Authenticator {
    /// One that knows the users and tokens of `identities`.
    pub fn new(identities: Arc<dyn IdentityStore>, clock: Arc<dyn Clock>) -> Self {
        Self {
            identities,
            clock,
            failures: Arc::default(),
        }
    }

    /// Who makes this request: the bearer token counts if there is one, else the session cookie.
    ///
    /// # Behavior
    /// No credential, or a session that is over, is [`Principal::Anonymous`]. A wrong bearer token never falls back to a cookie.
    /// A blocked user is returned as such; the access rules refuse them.
    ///
    /// # Errors
    /// `Unauthenticated` for a wrong bearer token, `RateLimited` after too many of these from one address, `PermissionDenied`
    /// when a session would change something on behalf of a page that is not ours.
    pub async fn authenticate(
        &self,
        method: &Method,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
    ) -> Result<Caller> {
        if let Some(value) = headers.get(AUTHORIZATION) {
            let bearer = value
                .to_str()
                .ok()
                .and_then(|value| value.strip_prefix("Bearer "))
                .map(str::trim);
            return match bearer {
                Some(bearer) => self.bearer(bearer, peer).await,
                None => Err(unauthenticated(
                    "the authorization header is not `Bearer <token>`",
                )),
            };
        }
        let Some(session) = cookie::read(headers) else {
            return Ok(Caller::anonymous());
        };
        let Some(principal) = self.look_up(session, TokenKind::Session).await? else {
            return Ok(Caller::anonymous());
        };
        if !origin::is_own(method, headers) {
            return Err(Error::new(
                ErrorKind::PermissionDenied,
                "this page may not act in your name",
            )
            .with_hint("use the platform's own pages, or a bearer token"));
        }
        Ok(Caller {
            principal,
            credential: Credential::Session,
        })
    }

    async fn bearer(&self, bearer: &str, peer: Option<IpAddr>) -> Result<Caller> {
        if let Some(principal) = self.look_up(bearer, TokenKind::Personal).await? {
            return Ok(Caller {
                principal,
                credential: Credential::Bearer,
            });
        }
        match peer.and_then(|peer| self.failures.count(peer, self.clock.now())) {
            Some(wait) => Err(Error::new(
                ErrorKind::RateLimited,
                "too many wrong tokens from your address",
            )
            .with_retry(Retry::After(wait))
            .with_hint(format!(
                "try again in {} s with a right one",
                wait.as_secs()
            ))),
            None => Err(unauthenticated("the token is not known or is over")),
        }
    }

    async fn look_up(&self, text: &str, kind: TokenKind) -> Result<Option<Principal>> {
        let record = token::find(&*self.identities, &*self.clock, text, &[kind]).await?;
        let Some(record) = record else {
            return Ok(None);
        };
        let user = self.identities.user(record.user).await?;
        Ok(user.map(|user| Principal::with_token(user, record.scopes)))
    }
}

impl Caller {
    fn anonymous() -> Self {
        Self {
            principal: Principal::Anonymous,
            credential: Credential::None,
        }
    }
}

pub(crate) fn unauthenticated(message: &'static str) -> Error {
    Error::new(ErrorKind::Unauthenticated, message).with_hint(
        "sign in: `gitpod login`, or the link that the server printed at its first start",
    )
}
