//! May this request reach that port? Pure.

use gitpod_core::port::Visibility;
use http::HeaderMap;
use subtle::ConstantTimeEq;

use super::cookies;

/// Header with the owner token, for programs.
pub(crate) const OWNER_TOKEN_HEADER: &str = "x-gitpod-owner-token";

/// Why a request may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// It showed the owner token in a header: a program, which no foreign page can be.
    Header,
    /// It showed the owner token in a cookie: a browser, perhaps sent by a foreign page (see `origin`).
    Cookie,
    /// It showed the token of guests in a header, while the workspace is shared.
    GuestHeader,
    /// It showed the token of guests in a cookie.
    GuestCookie,
    /// The port is public.
    Public,
}

/// The secrets that open a workspace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tokens<'t> {
    /// The owner's; empty opens nothing.
    pub(crate) owner: &'t str,
    /// That of guests, while it is shared; empty opens nothing.
    pub(crate) guest: &'t str,
}

/// Why a request may not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// It showed no token.
    Missing,
    /// It showed another token.
    Wrong,
    /// What it showed is no token.
    Malformed,
}

/// Decides by tokens and visibility.
///
/// # Behavior
/// A valid token wins over a public port, so that owners are recognised everywhere; a wrong token on a public port is ignored.
/// Tokens are compared in constant time.
pub(crate) fn authorize(
    headers: &HeaderMap,
    owner_cookie: &str,
    tokens: Tokens<'_>,
    visibility: Visibility,
) -> Result<Grant, Denial> {
    let decision = by_token(headers, owner_cookie, tokens);
    match (decision, visibility) {
        (Err(_), Visibility::Public) => Ok(Grant::Public),
        (decision, Visibility::Public | Visibility::Private) => decision,
    }
}

fn by_token(headers: &HeaderMap, owner_cookie: &str, tokens: Tokens<'_>) -> Result<Grant, Denial> {
    let (shown, grant, guest) = if let Some(value) = headers.get(OWNER_TOKEN_HEADER) {
        let value = value.to_str().map_err(|_| Denial::Malformed)?;
        (value.to_owned(), Grant::Header, Grant::GuestHeader)
    } else if let Some(value) = cookies::find(headers, owner_cookie) {
        let value = unescape(value).ok_or(Denial::Malformed)?;
        (value, Grant::Cookie, Grant::GuestCookie)
    } else {
        return Err(Denial::Missing);
    };
    // An empty token would open an instance that has none yet.
    let is = |token: &str| {
        let equal: bool = shown.as_bytes().ct_eq(token.as_bytes()).into();
        equal && !token.is_empty()
    };
    match (is(tokens.owner), is(tokens.guest)) {
        (true, _) => Ok(grant),
        (false, true) => Ok(guest),
        (false, false) => Err(Denial::Wrong),
    }
}

/// Undoes `%xx`, as browsers' cookie libraries of the original did.
fn unescape(value: &str) -> Option<String> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    const TOKEN: &str = "s3cret-token";
    const GUESTS: &str = "guests-token";

    fn decide(headers: &[(&str, &str)], visibility: Visibility) -> Result<Grant, Denial> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(k, v)| {
                (
                    http::HeaderName::try_from(*k).unwrap(),
                    http::HeaderValue::try_from(*v).unwrap(),
                )
            })
            .collect();
        let tokens = Tokens {
            owner: TOKEN,
            guest: GUESTS,
        };
        authorize(&headers, "_c_", tokens, visibility)
    }

    #[test]
    fn private_needs_the_token() {
        use Visibility::Private;
        assert_eq!(decide(&[], Private), Err(Denial::Missing));
        assert_eq!(
            decide(&[(OWNER_TOKEN_HEADER, TOKEN)], Private),
            Ok(Grant::Header)
        );
        assert_eq!(
            decide(&[(OWNER_TOKEN_HEADER, "x")], Private),
            Err(Denial::Wrong)
        );
        assert_eq!(
            decide(&[(OWNER_TOKEN_HEADER, "")], Private),
            Err(Denial::Wrong)
        );
        assert_eq!(
            decide(&[(COOKIE.as_str(), "_c_=s3cret%2dtoken")], Private),
            Ok(Grant::Cookie)
        );
        assert_eq!(
            decide(&[(COOKIE.as_str(), "_c_=%zz")], Private),
            Err(Denial::Malformed)
        );
        assert_eq!(
            decide(&[(COOKIE.as_str(), "_d_=s3cret-token")], Private),
            Err(Denial::Missing)
        );
    }

    #[test]
    fn guests_are_told_from_the_owner() {
        use Visibility::{Private, Public};
        for visibility in [Private, Public] {
            assert_eq!(
                decide(&[(OWNER_TOKEN_HEADER, GUESTS)], visibility),
                Ok(Grant::GuestHeader)
            );
            assert_eq!(
                decide(&[(COOKIE.as_str(), "_c_=guests-token")], visibility),
                Ok(Grant::GuestCookie)
            );
        }
    }

    #[test]
    fn public_lets_everybody_in_and_still_knows_the_owner() {
        use Visibility::Public;
        assert_eq!(decide(&[], Public), Ok(Grant::Public));
        assert_eq!(
            decide(&[(OWNER_TOKEN_HEADER, "x")], Public),
            Ok(Grant::Public)
        );
        assert_eq!(
            decide(&[(OWNER_TOKEN_HEADER, TOKEN)], Public),
            Ok(Grant::Header)
        );
    }

    #[test]
    fn an_instance_without_a_token_opens_to_nobody() {
        let headers = HeaderMap::from_iter([(
            http::HeaderName::from_static(OWNER_TOKEN_HEADER),
            http::HeaderValue::from_static(""),
        )]);
        let tokens = Tokens {
            owner: "",
            guest: "",
        };
        assert_eq!(
            authorize(&headers, "_c_", tokens, Visibility::Private),
            Err(Denial::Wrong)
        );
    }
}
