//! Signing in, with a link or a token, and out.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use gitpod_core::{Error, ErrorKind};
use http::header::{HeaderMap, SET_COOKIE};
use http::{Method, StatusCode};
use serde::Deserialize;

use super::frame::{Frame, render};
use super::problem::Problem;
use super::router::Dashboard;
use super::visitor::Visitor;
use crate::auth;

/// What the page is asked with, in its address or by its form.
#[derive(Deserialize)]
pub(super) struct Ask {
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "dashboard/login.html")]
struct Page {
    frame: Frame,
    token: String,
    next: String,
    problem: Option<(String, Option<String>)>,
}

impl Page {
    fn new(ask: Ask) -> Self {
        Self {
            frame: Frame::still("Sign in"),
            next: auth::next_path(&ask.next).to_owned(),
            token: ask.token,
            problem: None,
        }
    }
}

/// Shows how to sign in; a link with a token in it signs in at once.
///
/// A link on another site only fills the form in: nobody is signed in as somebody else by following it.
pub(super) async fn page(
    State(state): State<Dashboard>,
    method: Method,
    headers: HeaderMap,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let foreign = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "none" && site != "same-origin");
    if ask.token.is_empty() || foreign || method != Method::GET {
        return Ok(render(&Page::new(ask)));
    }
    enter(&state, &headers, ask).await
}

/// Takes the form.
pub(super) async fn submit(
    State(state): State<Dashboard>,
    headers: HeaderMap,
    Form(ask): Form<Ask>,
) -> Result<Response, Problem> {
    if !state.proxy.hosts().is_own_page(&headers) {
        let error = Error::new(
            ErrorKind::PermissionDenied,
            "another site asked to sign you in",
        );
        return Err(Problem(error.with_hint("open the sign-in page itself")));
    }
    enter(&state, &headers, ask).await
}

/// Signs out.
pub(super) async fn end(
    State(state): State<Dashboard>,
    headers: HeaderMap,
    _: Visitor,
) -> Result<Response, Problem> {
    auth::sign_out(&**state.platform.identities(), &headers).await?;
    let cookie = auth::end_session_cookie(&headers, state.proxy.hosts().is_secure())?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/login")).into_response())
}

async fn enter(state: &Dashboard, headers: &HeaderMap, ask: Ask) -> Result<Response, Problem> {
    let platform = &state.platform;
    match auth::exchange_sign_in(&**platform.identities(), &**platform.clock(), &ask.token).await {
        Ok(session) => {
            let cookie = auth::session_cookie(headers, &session, state.proxy.hosts().is_secure())?;
            Ok((
                [(SET_COOKIE, cookie)],
                Redirect::to(auth::next_path(&ask.next)),
            )
                .into_response())
        }
        Err(error) if error.kind() == ErrorKind::Unauthenticated => {
            let mut page = Page::new(ask);
            page.token.clear();
            page.problem = Some((error.to_string(), error.hint().map(str::to_owned)));
            Ok((StatusCode::UNAUTHORIZED, render(&page)).into_response())
        }
        Err(error) => Err(Problem(error)),
    }
}
