//! Why the proxy did not let a request through, said to a person, a program or a gRPC client.

use askama::Template;
use axum::body::Body;
use gitpod_core::workspace::Phase;
use gitpod_core::{Error, ErrorKind, WorkspaceId};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
};
use http::{HeaderMap, Response, StatusCode};

use super::{Hosts, grpc};

mod words;

/// Why not.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The host names nothing of ours.
    UnknownHost,
    /// Contradictory hosts, or headers without end.
    Malformed(&'static str),
    /// There is no such workspace.
    NoWorkspace,
    /// The workspace does not run.
    NotRunning(Phase),
    /// No owner token was shown.
    SignIn,
    /// A wrong owner token was shown.
    WrongToken,
    /// What was shown is no owner token.
    NoToken,
    /// A page of another origin made the request.
    ForeignOrigin,
    /// A one-time code that is not good any more.
    CodeUsed,
    /// Nothing listens on the port.
    NotServed(u16),
    /// The editor or the supervisor does not answer yet.
    NotReady,
    /// The editor answered once and does not any more.
    EditorGone,
    /// The program behind the port misbehaved.
    BadGateway(Error),
    /// We cannot do that.
    NotImplemented(&'static str),
    /// A failure of ours.
    Broken(Error),
}

/// Who reads the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A browser: a page.
    Person,
    /// A program: a line of text.
    Program,
    /// A gRPC client: a gRPC status.
    Grpc,
}

impl Audience {
    pub(crate) fn of(request: &HeaderMap) -> Self {
        if grpc::is_grpc(request) {
            return Self::Grpc;
        }
        let html = request.get(ACCEPT).is_some_and(|accept| {
            accept
                .to_str()
                .is_ok_and(|accept| accept.contains("text/html"))
        });
        if html { Self::Person } else { Self::Program }
    }
}

/// Why it could not be forwarded.
pub(crate) fn from_upstream(error: Error, port: u16, is_ours: bool) -> Refusal {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::FailedPrecondition | ErrorKind::NotFound if is_ours => {
            Refusal::NotReady
        }
        ErrorKind::Unavailable => Refusal::NotServed(port),
        ErrorKind::NotFound | ErrorKind::FailedPrecondition => Refusal::NotRunning(Phase::Stopped),
        _ => Refusal::BadGateway(error),
    }
}

#[derive(Template)]
#[template(path = "proxy/refusal.html")]
struct Page<'a> {
    status: u16,
    title: &'a str,
    text: &'a str,
    action: Option<(&'a str, String)>,
    platform: String,
    refresh: bool,
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Malformed(_) | Self::NoToken => StatusCode::BAD_REQUEST,
            Self::NoWorkspace | Self::NotServed(_) => StatusCode::NOT_FOUND,
            Self::NotRunning(Phase::Stopped | Phase::Stopping) => StatusCode::NOT_FOUND,
            Self::NotRunning(_) | Self::NotReady | Self::EditorGone => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::WrongToken | Self::ForeignOrigin | Self::CodeUsed => StatusCode::FORBIDDEN,
            Self::BadGateway(_) => StatusCode::BAD_GATEWAY,
            Self::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the person can do now.
    fn action(
        &self,
        hosts: &Hosts,
        workspace: Option<&WorkspaceId>,
    ) -> Option<(&'static str, String)> {
        let id = workspace?;
        let at = |page: &str| format!("{}/{page}/{id}", hosts.platform_url());
        match self {
            Self::NotRunning(Phase::Stopped | Phase::Stopping) => {
                Some(("Start the workspace", at("start")))
            }
            Self::NotRunning(_) | Self::NotReady => Some(("Watch it start", at("start"))),
            Self::EditorGone => Some(("See what is wrong", at("workspaces"))),
            Self::SignIn | Self::WrongToken | Self::CodeUsed => {
                Some(("Open through the dashboard", at("open")))
            }
            Self::NotServed(_) | Self::BadGateway(_) => {
                Some(("Ports of this workspace", at("workspaces")))
            }
            Self::UnknownHost
            | Self::Malformed(_)
            | Self::NoWorkspace
            | Self::NoToken
            | Self::ForeignOrigin
            | Self::NotImplemented(_)
            | Self::Broken(_) => None,
        }
    }

    /// The answer, in the caller's language.
    pub(crate) fn respond(
        &self,
        hosts: &Hosts,
        workspace: Option<&WorkspaceId>,
        to: Audience,
    ) -> Response<Body> {
        let status = self.status();
        let (title, text) = (self.title(), self.text());
        if to == Audience::Grpc {
            return grpc::refuse(status, &format!("{title}: {text}"));
        }
        let refresh = status == StatusCode::SERVICE_UNAVAILABLE;
        let page = (to == Audience::Person).then(|| {
            Page {
                status: status.as_u16(),
                title,
                text: &text,
                action: self.action(hosts, workspace),
                platform: hosts.platform_url(),
                refresh,
            }
            .render()
        });
        let (kind, body) = match page {
            Some(Ok(page)) => ("text/html; charset=utf-8", page),
            Some(Err(_)) | None => ("text/plain; charset=utf-8", format!("{title}. {text}\n")),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(
            "x-content-type-options",
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
            ),
        );
        if refresh {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
