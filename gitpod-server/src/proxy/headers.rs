//! Headers that end at each hop, and those that tell a port how it is reached. Pure.

use std::net::IpAddr;

use http::header::{
    CONNECTION, FORWARDED, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use super::Hosts;
use super::authorize::OWNER_TOKEN_HEADER;

/// Removes what concerns one connection only, and what `Connection` names as such (RFC 9110 §7.6.1).
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [
        CONNECTION,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}

/// Replaces whatever a client claims about earlier hops by what we know, and removes the owner token.
pub(crate) fn set_forwarded(
    headers: &mut HeaderMap,
    hosts: &Hosts,
    host: &HeaderValue,
    peer: Option<IpAddr>,
) {
    headers.remove(FORWARDED);
    headers.remove("x-real-ip");
    headers.remove(OWNER_TOKEN_HEADER);
    headers.insert("x-forwarded-host", host.clone());
    headers.insert(
        "x-forwarded-proto",
        HeaderValue::from_static(hosts.scheme()),
    );
    headers.insert("x-forwarded-port", HeaderValue::from(hosts.port()));
    match peer.and_then(|peer| HeaderValue::try_from(peer.to_string()).ok()) {
        Some(peer) => headers.insert("x-forwarded-for", peer),
        None => headers.remove("x-forwarded-for"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hop_by_hop_headers_end_here() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, X-Secret"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("proxy-authorization", "Basic x"),
            ("accept", "*/*"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        strip_hop_by_hop(&mut headers);
        assert_eq!(
            headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            ["accept"]
        );
    }

    #[test]
    fn a_client_cannot_forge_where_it_comes_from() {
        let hosts = Hosts::new(&url::Url::parse("https://gitpod.example").unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        for name in [
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-real-ip",
            OWNER_TOKEN_HEADER,
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static("forged"),
            );
        }
        let host = HeaderValue::from_static("3000-a.ws.gitpod.example");
        set_forwarded(&mut headers, &hosts, &host, "192.0.2.7".parse().ok());
        assert!(
            headers.values().all(|value| value != "forged"),
            "{headers:?}"
        );
        assert_eq!(headers["x-forwarded-for"], "192.0.2.7");
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert_eq!(headers["x-forwarded-port"], "443");
        assert_eq!(headers["x-forwarded-host"], host);
    }
}
