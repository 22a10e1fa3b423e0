use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Refuses what pages of another origin send.
///
/// # Behavior
/// Browsers name the page's origin with every WebSocket and every request that changes something; other clients name none, and
/// are let through: whoever reaches this port has passed the proxy or is inside the workspace.
pub(super) async fn check(request: Request, next: Next) -> Response {
    if is_same(request.headers()) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "a page of another origin may not use this terminal\n",
        )
            .into_response()
    }
}

fn is_same(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let Some(origin) = text(header::ORIGIN.as_str()) else {
        return true;
    };
    let Some((_, host)) = origin.split_once("://") else {
        return false; // `null`: a sandboxed frame or a file
    };
    !host.is_empty() && (text("host") == Some(host) || text("x-forwarded-host") == Some(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_that_was_asked_is_the_same_origin() {
        let with = |origin: Option<&str>, host: &str, forwarded: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().unwrap());
            for (name, value) in [("origin", origin), ("x-forwarded-host", forwarded)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            is_same(&headers)
        };
        assert!(with(None, "a.ws.localhost", None));
        assert!(with(
            Some("http://a.ws.localhost:3000"),
            "a.ws.localhost:3000",
            None
        ));
        assert!(with(
            Some("https://a.ws.example"),
            "127.0.0.1:23000",
            Some("a.ws.example")
        ));
        for evil in [
            "null",
            "",
            "http://",
            "http://evil.example",
            "http://a.ws.localhost",
            "http://b.ws.localhost:3000",
            "//a.ws.localhost:3000",
        ] {
            assert!(!with(Some(evil), "a.ws.localhost:3000", None), "{evil}");
        }
    }
}
