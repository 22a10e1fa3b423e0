//! What went wrong, as a page.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use gitpod_core::{Chain, Error, ErrorKind};
use http::StatusCode;

use super::frame::Frame;
use super::visitor::Visitor;

/// An error that a person sees.
pub(super) struct Problem(pub(super) Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

#[derive(Template)]
#[template(path = "dashboard/problem.html")]
struct Page {
    frame: Frame,
    status: u16,
    heading: &'static str,
    message: String,
    hint: Option<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let (status, heading) = words(error.kind());
        if status.is_server_error() {
            tracing::warn!(error = %Chain(&error), "a page failed");
        }
        let page = Page {
            frame: Frame::still(heading),
            status: status.as_u16(),
            heading,
            message: if error.kind() == ErrorKind::Unexpected {
                // Its text was not written for strangers.
                String::from("the server failed; its log says why")
            } else {
                error.to_string()
            },
            hint: error.hint().map(str::to_owned),
        };
        match page.render() {
            Ok(text) => (status, Html(text)).into_response(),
            Err(_) => (status, format!("{heading}\n")).into_response(),
        }
    }
}

/// Any address without a page.
pub(super) async fn nothing_here(_: Visitor) -> Problem {
    Problem(Error::not_found("there is no such page"))
}

fn words(kind: ErrorKind) -> (StatusCode, &'static str) {
    match kind {
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        ErrorKind::InvalidInput | ErrorKind::ConfigInvalid => {
            (StatusCode::BAD_REQUEST, "That cannot be read")
        }
        ErrorKind::Unauthenticated => (StatusCode::UNAUTHORIZED, "Sign in first"),
        ErrorKind::PermissionDenied => (StatusCode::FORBIDDEN, "Not allowed"),
        ErrorKind::FailedPrecondition | ErrorKind::AlreadyExists | ErrorKind::Conflict => {
            (StatusCode::CONFLICT, "Not now")
        }
        ErrorKind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Too many tries"),
        ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::Cancelled => {
            (StatusCode::SERVICE_UNAVAILABLE, "Not reachable")
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "The server failed"),
    }
}
