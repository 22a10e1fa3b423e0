//! gRPC passes through as it is; refusals have to be said in its own way.

use axum::body::Body;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

/// Whether this is a gRPC call (gRPC-Web, which needs no HTTP/2, is not).
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    kind.strip_prefix("application/grpc")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('+') || rest.starts_with(';'))
}

/// Whether a path is a method of the supervisor: `/supervisor.<Service>/<Method>`.
pub(crate) fn is_supervisor_method(path: &str) -> bool {
    path.strip_prefix("/supervisor.")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(service, method)| is_word(service) && is_word(method))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A refusal as gRPC clients expect it: HTTP 200, the status in the headers, no body.
pub(crate) fn refuse(status: StatusCode, message: &str) -> Response<Body> {
    let code: u16 = match status {
        StatusCode::BAD_REQUEST | StatusCode::MISDIRECTED_REQUEST => 3,
        StatusCode::NOT_FOUND => 5,
        StatusCode::FORBIDDEN => 7,
        StatusCode::NOT_IMPLEMENTED => 12,
        StatusCode::INTERNAL_SERVER_ERROR => 13,
        StatusCode::UNAUTHORIZED => 16,
        _ => 14,
    };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from(code));
    if let Ok(message) = HeaderValue::try_from(escape(message)) {
        headers.insert("grpc-message", message);
    }
    response
}

/// Percent-encoding of gRPC messages: all but printable ASCII, and `%` itself.
fn escape(message: &str) -> String {
    use std::fmt::Write as _;
    message.bytes().fold(String::new(), |mut out, byte| {
        if (b' '..=b'~').contains(&byte) && byte != b'%' {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_grpc_by_its_content_type() {
        for (kind, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/json", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
            assert_eq!(is_grpc(&headers), expected, "{kind}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
    }

    #[test]
    fn knows_the_supervisors_methods() {
        assert!(is_supervisor_method("/supervisor.TerminalService/Listen"));
        for bad in [
            "/supervisor./Listen",
            "/supervisor.T",
            "/supervisor.T/",
            "/supervisor.T/L/..",
            "/x/supervisor.T/L",
            "/supervisor.T/../x",
        ] {
            assert!(!is_supervisor_method(bad), "{bad}");
        }
    }

    #[test]
    fn a_refusal_is_a_grpc_status() {
        let response = refuse(StatusCode::UNAUTHORIZED, "sign in: 100% ü");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["grpc-status"], "16");
        assert_eq!(response.headers()["grpc-message"], "sign in: 100%25 %C3%BC");
    }
}
