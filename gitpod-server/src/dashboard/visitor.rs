//! Who looks at a page.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use gitpod_core::access::Principal;
use http::request::Parts;
use url::form_urlencoded;

use super::problem::Problem;
use super::router::Dashboard;

/// A signed-in user. Who is not gets the sign-in page, which leads back.
pub(super) struct Visitor {
    pub(super) principal: Principal,
    pub(super) name: String,
}

impl FromRequestParts<Dashboard> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Dashboard) -> Result<Self, Response> {
        let caller = state
            .authenticator
            .authenticate(&parts.method, &parts.headers, None)
            .await
            .map_err(|error| Problem(error).into_response())?;
        match caller.principal {
            Principal::User(user) if !user.blocked && !user.deleted => Ok(Self {
                name: user.name.clone(),
                principal: Principal::User(user),
            }),
            _ => Err(sign_in(parts).into_response()),
        }
    }
}

fn sign_in(parts: &Parts) -> Redirect {
    let place = parts
        .uri
        .path_and_query()
        .map_or("/", |place| place.as_str());
    if place == "/" || place == "/workspaces" {
        return Redirect::to("/login");
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", place)
        .finish();
    Redirect::to(&format!("/login?{query}"))
}
