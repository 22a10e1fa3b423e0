//! Was a request that carries a session made by a page of ours? Pure.

use http::header::ORIGIN;
use http::{HeaderMap, Method};
use url::Url;

use super::cookie::host;

/// Whether a session cookie may authorise this request.
///
/// # Behavior
/// Reading is always allowed: `SameSite=Lax` keeps the cookie out of everything but navigation, and reading changes nothing.
/// A change needs the browser's word that it comes from the same origin; *same-site* is not enough, for workspaces are that.
/// A request with neither `Origin` nor `Sec-Fetch-Site` was not made by a page of a browser of this decade and is refused:
/// programs use bearer tokens.
pub(super) fn is_own(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let site = headers
        .get("sec-fetch-site")
        .map(http::HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return false;
    }
    match headers.get(ORIGIN) {
        None => site.is_some(),
        Some(origin) => origin
            .to_str()
            .ok()
            .and_then(|origin| Url::parse(origin).ok())
            .zip(host(headers))
            .is_some_and(|(origin, host)| is_at(&origin, host)),
    }
}

fn is_at(origin: &Url, host: &str) -> bool {
    let Ok(own) = Url::parse(&format!("{}://{host}", origin.scheme())) else {
        return false;
    };
    matches!(origin.scheme(), "http" | "https")
        && own.host() == origin.host()
        && own.port_or_known_default() == origin.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn own(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = [("host", "localhost:8080")]
            .iter()
            .chain(headers)
            .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
            .collect();
        is_own(&method, &headers)
    }

    #[test]
    fn changes_come_from_our_own_pages() {
        let origin = |o| own(Method::POST, &[("origin", o)]);
        assert!(origin("http://localhost:8080"));
        for bad in [
            "http://localhost",
            "http://localhost:8081",
            "http://amber-falcon-k3v9x2ab.ws.localhost:8080",
            "http://localhost:8080.evil.example",
            "https://evil.example",
            "null",
            "file://localhost:8080",
        ] {
            assert!(!origin(bad), "{bad}");
        }
        assert!(own(Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(own(Method::GET, &[("origin", "https://evil.example")]));
        assert!(!own(Method::POST, &[]));
        assert!(!own(Method::DELETE, &[("sec-fetch-site", "same-site")]));
        assert!(!own(
            Method::POST,
            &[
                ("origin", "http://localhost:8080"),
                ("sec-fetch-site", "cross-site")
            ]
        ));
    }
}
