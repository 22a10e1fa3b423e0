//! Keeps the installation's own cookies away from user code, in both directions.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue, SET_COOKIE};

/// The value of the first cookie called `name`.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Removes the installation's cookies (sessions, owner tokens) from a request. Order and spelling of the others stay.
pub(crate) fn strip_request(headers: &mut HeaderMap, prefix: &str) {
    let ours = headers
        .get_all(COOKIE)
        .iter()
        .any(|value| pairs(value.as_bytes()).any(|pair| is_reserved(name_of(pair), prefix)));
    if !ours {
        return;
    }
    let kept: Vec<HeaderValue> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| {
            let rest: Vec<&[u8]> = pairs(value.as_bytes())
                .filter(|pair| !is_reserved(name_of(pair), prefix))
                .collect();
            (!rest.is_empty())
                .then(|| HeaderValue::from_bytes(&rest.join(&b"; "[..])).ok())
                .flatten()
        })
        .collect();
    headers.remove(COOKIE);
    for value in kept {
        headers.append(COOKIE, value);
    }
}

/// Removes cookies that user code must not set: those named like the installation's, and those for a domain above its own host
/// (which every other workspace and the platform would get).
pub(crate) fn strip_response(headers: &mut HeaderMap, prefix: &str, own_host: &str) {
    let allowed = |value: &HeaderValue| {
        let bytes = value.as_bytes();
        let mut parts = bytes.split(|b| *b == b';').map(<[u8]>::trim_ascii);
        let name = name_of(parts.next().unwrap_or_default());
        !is_reserved(name, prefix) && parts.all(|attribute| domain_is_own(attribute, own_host))
    };
    if headers.get_all(SET_COOKIE).iter().all(allowed) {
        return;
    }
    let kept: Vec<HeaderValue> = headers
        .get_all(SET_COOKIE)
        .iter()
        .filter(|value| allowed(value))
        .cloned()
        .collect();
    headers.remove(SET_COOKIE);
    for value in kept {
        headers.append(SET_COOKIE, value);
    }
}

fn pairs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|b| *b == b';')
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
}

fn name_of(pair: &[u8]) -> &[u8] {
    pair.split(|b| *b == b'=')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}

/// Browsers compare cookie names by case, the prefixes `__Host-` and `__Secure-` without; so do we, on the safe side.
fn is_reserved(name: &[u8], prefix: &str) -> bool {
    let mut name = name;
    for known in [&b"__host-"[..], &b"__secure-"[..]] {
        if name.len() >= known.len() && name[..known.len()].eq_ignore_ascii_case(known) {
            name = &name[known.len()..];
        }
    }
    let prefix = prefix.as_bytes();
    name.len() >= prefix.len() && name[..prefix.len()].eq_ignore_ascii_case(prefix)
}

fn domain_is_own(attribute: &[u8], own_host: &str) -> bool {
    let mut halves = attribute.splitn(2, |b| *b == b'=');
    let key = halves.next().unwrap_or_default().trim_ascii();
    if !key.eq_ignore_ascii_case(b"domain") {
        return true;
    }
    let value = halves.next().unwrap_or_default().trim_ascii();
    let value = value.strip_prefix(b".").unwrap_or(value);
    value.is_empty() || value.eq_ignore_ascii_case(own_host.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "_localhost_8080_";

    fn request(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn user_code_never_sees_our_cookies_and_keeps_its_own_in_order() {
        let mut headers = request(&[
            "b=2; _localhost_8080_session=secret; a=1",
            "__Host-_localhost_8080_session=secret",
            "_localhost_8080_ws_x_owner_=secret;c=3; __HOST-_LOCALHOST_8080_x=secret",
        ]);
        strip_request(&mut headers, PREFIX);
        let left: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(left, ["b=2; a=1", "c=3"]);
    }

    #[test]
    fn a_request_without_our_cookies_stays_as_it_is() {
        let mut headers = request(&["b=2;a=1;; session=mine"]);
        strip_request(&mut headers, PREFIX);
        assert_eq!(headers[COOKIE], "b=2;a=1;; session=mine");
    }

    #[test]
    fn user_code_cannot_set_our_cookies_or_those_of_other_hosts() {
        let mut headers = HeaderMap::new();
        for value in [
            "mine=1; Path=/; HttpOnly",
            "_localhost_8080_session=evil",
            "wide=1; Domain=.localhost",
            "wide=1; domain = ws.localhost; Path=/",
            "own=1; Domain=3000-amber-falcon-k3v9x2ab.ws.localhost",
        ] {
            headers.append(SET_COOKIE, HeaderValue::from_str(value).unwrap());
        }
        strip_response(
            &mut headers,
            PREFIX,
            "3000-amber-falcon-k3v9x2ab.ws.localhost",
        );
        let left: Vec<_> = headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|v| v.to_str().unwrap().split('=').next().unwrap())
            .collect();
        assert_eq!(left, ["mine", "own"]);
    }

    #[test]
    fn finds_a_cookie_among_others() {
        let headers = request(&["a=1; bb=2", "b=3=4"]);
        assert_eq!(find(&headers, "b"), Some("3=4"));
        assert_eq!(find(&headers, "c"), None);
    }
}
