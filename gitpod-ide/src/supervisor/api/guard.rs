use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Refuses what a page of another origin makes a browser send. Other clients send no `Origin` and pass: who may reach this
/// port at all is decided elsewhere.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str().to_owned());
    if is_allowed(request.headers(), authority.as_deref()) {
        next.run(request).await
    } else {
        let text = "this request comes from a page of another origin\n";
        (StatusCode::FORBIDDEN, text).into_response()
    }
}

fn is_allowed(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if matches!(text("sec-fetch-site"), Some("cross-site" | "same-site")) {
        return false;
    }
    let Some(origin) = text("origin") else {
        return true;
    };
    let from = origin.split_once("://").map(|(_, host)| host);
    // A proxy in front of us keeps the name the browser used in one of these.
    let hosts = [
        text("x-forwarded-host"),
        text(header::HOST.as_str()),
        authority,
    ];
    from.is_some_and(|from| {
        hosts
            .into_iter()
            .flatten()
            .any(|host| host.eq_ignore_ascii_case(from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| {
            let name = header::HeaderName::from_static(name);
            (name, header::HeaderValue::from_static(value))
        });
        is_allowed(&headers.collect(), None)
    }

    #[test]
    fn only_pages_of_the_same_origin_pass() {
        assert!(allowed(&[("host", "localhost:22999")]));
        assert!(allowed(&[
            ("host", "a.ws.localhost:80"),
            ("origin", "http://a.ws.localhost:80")
        ]));
        assert!(allowed(&[
            ("host", "localhost"),
            ("x-forwarded-host", "a.ws.x"),
            ("origin", "https://a.ws.x")
        ]));
        assert!(!allowed(&[
            ("host", "a.ws.localhost"),
            ("origin", "http://3000-a.ws.localhost")
        ]));
        assert!(!allowed(&[("host", "a.ws.localhost"), ("origin", "null")]));
        assert!(!allowed(&[
            ("host", "a.ws.localhost"),
            ("sec-fetch-site", "same-site")
        ]));
        assert!(allowed(&[
            ("host", "a.ws.localhost"),
            ("sec-fetch-site", "same-origin")
        ]));
    }
}
