//! The session cookie: one per platform host and port, never for a domain, so that no workspace gets it.

use gitpod_core::{Error, Result};
use http::HeaderMap;
use http::header::{COOKIE, HOST, HeaderValue};

use super::NewSession;

/// `Set-Cookie` for a new session, as an answer to a request with these `headers`.
///
/// # Errors
/// The request has no usable `Host`.
pub fn session_cookie(
    headers: &HeaderMap,
    session: &NewSession,
    secure: bool,
) -> Result<HeaderValue> {
    let seconds = session.valid_for.as_secs();
    set(
        headers,
        session.token.expose(),
        &format!("; Max-Age={seconds}"),
        secure,
    )
}

/// `Set-Cookie` that makes the browser forget its session.
///
/// # Errors
/// The request has no usable `Host`.
pub fn end_session_cookie(headers: &HeaderMap, secure: bool) -> Result<HeaderValue> {
    set(headers, "", "; Max-Age=0", secure)
}

fn set(headers: &HeaderMap, value: &str, age: &str, secure: bool) -> Result<HeaderValue> {
    let name = name(headers).ok_or_else(|| Error::invalid("the request names no host"))?;
    let secure = if secure { "; Secure" } else { "" };
    let mut cookie = HeaderValue::try_from(format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}"
    ))
    .map_err(|e| Error::unexpected("the session is no cookie value").with_source(e))?;
    cookie.set_sensitive(true);
    Ok(cookie)
}

/// The session that came with a request.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    let name = name(headers)?;
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

/// `_<host>_session_`. Cookies ignore ports, so the port is part of the name: servers on one machine do not sign each other out.
fn name(headers: &HeaderMap) -> Option<String> {
    let host = host(headers)?;
    let domain: String = host
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    Some(format!("_{domain}_session_"))
}

/// The host (and port) a request was made to.
pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .filter(|host| !host.is_empty() && host.len() <= 255)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gitpod_core::Secret;

    use super::*;

    #[test]
    fn a_session_comes_back_to_its_own_host_and_port_only() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost:8080"));
        let session = NewSession::new(Secret::from("abc"), Duration::from_mins(1));
        let cookie = session_cookie(&headers, &session, false).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "_localhost_8080_session_=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"
        );
        headers.insert(
            COOKIE,
            HeaderValue::from_static("a=b; _localhost_8080_session_=abc"),
        );
        assert_eq!(read(&headers), Some("abc"));
        headers.insert(HOST, HeaderValue::from_static("localhost:8081"));
        assert_eq!(read(&headers), None);
    }
}
