use axum::Router;
use axum::extract::State;
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use http::Request;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use super::{assets, details, events, login, new, open, problem, start, task_log, workspaces};
use crate::Platform;
use crate::auth::Authenticator;
use crate::proxy::Proxy;

/// What every page needs.
#[derive(Debug, Clone)]
pub(super) struct Dashboard {
    pub(super) platform: Platform,
    pub(super) authenticator: Authenticator,
    pub(super) proxy: Proxy,
}

/// The pages of the platform's own host.
///
/// # Behavior
/// Every page but the sign-in page needs a session, and shows what its user may see. Answers carry a strict content security
/// policy: nothing but our own embedded modules runs.
pub fn router(platform: Platform, authenticator: Authenticator, proxy: Proxy) -> Router {
    let hosts = proxy.hosts();
    // Signing in may end in a workspace; browsers apply `form-action` to the redirects that follow a form, too.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        hosts.workspaces_pattern(),
    );
    let policy = HeaderValue::try_from(policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    Router::new()
        .route("/", get(|| async { Redirect::to("/workspaces") }))
        .route("/login", get(login::page).post(login::submit))
        .route("/logout", post(login::end))
        .route("/workspaces", get(workspaces::page))
        .route("/workspaces/{id}", get(details::page))
        .route("/workspaces/{id}/tasks/{task}/log", get(task_log::stream))
        .route("/new", get(new::page))
        .route("/start/{id}", get(start::page))
        .route("/open/{id}", get(open::enter))
        .route("/events", get(events::stream))
        .route("/assets/{digest}/{name}", get(assets::file))
        .route("/favicon.ico", get(assets::icon))
        .fallback(problem::nothing_here)
        .with_state(Dashboard {
            platform,
            authenticator,
            proxy,
        })
        .layer(middleware::from_fn_with_state(policy, secure))
}

async fn secure(
    State(policy): State<HeaderValue>,
    request: Request<axum::body::Body>,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
