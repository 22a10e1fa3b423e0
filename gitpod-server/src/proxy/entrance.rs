//! How an owner's browser gets in: from the platform's session to a cookie on the workspace's host.

use axum::body::Body;
use gitpod_core::access::Principal;
use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, Method, Response, StatusCode};
use url::form_urlencoded;

use super::dispatch::Inner;
use super::handoff::{Pass, is_code};
use super::refusal::Refusal;
use super::{Proxy, Target};
use crate::auth::next_path;

/// Path on each workspace and port host that takes a one-time code.
const PATH: &str = "/_auth";

impl Proxy {
    /// An address that opens a workspace (or one of its ports) in `by`'s browser. It works once, for a minute.
    ///
    /// # Errors
    /// `PermissionDenied` unless `by` owns it or it is shared, `NotFound`, `FailedPrecondition` when it does not run.
    pub async fn entrance(
        &self,
        by: &Principal,
        workspace: &WorkspaceId,
        port: Option<u16>,
        next: &str,
    ) -> Result<String> {
        let inner = &self.inner;
        // Asked for its access check, and who it is; the token itself is set by the workspace's host.
        let token = inner.platform.owner_token(by, workspace).await?;
        let route = inner
            .routes
            .read(workspace)
            .await?
            .ok_or_else(|| Error::not_found("there is no such workspace"))?;
        let instance = route
            .instance
            .filter(|_| route.is_reachable())
            .ok_or_else(|| {
                Error::new(ErrorKind::FailedPrecondition, "the workspace does not run")
                    .with_hint("start it first")
            })?;
        let (target, origin) = match port {
            None => (
                Target::Workspace(workspace.clone()),
                inner.hosts.workspace_url(workspace),
            ),
            Some(port) => (
                Target::Port {
                    port,
                    workspace: workspace.clone(),
                },
                inner.hosts.port_url(workspace, port),
            ),
        };
        let pass = Pass {
            instance,
            is_guest: token == route.guest_token && !token.expose().is_empty(),
        };
        let code = inner.handoff.issue(target, pass);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("next", next_path(next))
            .finish();
        Ok(format!("{origin}{PATH}?{query}"))
    }
}

/// A hand-off on a workspace's host: code and place to go on to.
pub(super) struct Ticket {
    code: String,
    next: String,
}

impl Ticket {
    /// Reads one; `/_auth` of a user's own program, whose codes look different, is none.
    pub(super) fn read(path: &str, query: Option<&str>) -> Option<Self> {
        if path != PATH {
            return None;
        }
        let (mut code, mut next) = (None, None);
        for (key, value) in form_urlencoded::parse(query?.as_bytes()) {
            match &*key {
                "code" => code = Some(value.into_owned()),
                "next" => next = Some(value.into_owned()),
                _ => {}
            }
        }
        Some(Self {
            code: code.filter(|code| is_code(code))?,
            next: next_path(next.as_deref().unwrap_or("/")).to_owned(),
        })
    }
}

impl Inner {
    /// Sets the owner cookie for a good code and goes on.
    pub(super) async fn redeem(
        &self,
        target: &Target,
        ticket: Ticket,
    ) -> Result<Response<Body>, Refusal> {
        let workspace = target.workspace().ok_or(Refusal::UnknownHost)?;
        let Pass { instance, is_guest } = self
            .handoff
            .redeem(&ticket.code, target)
            .ok_or(Refusal::CodeUsed)?;
        let route = self
            .routes
            .read(workspace)
            .await
            .map_err(Refusal::Broken)?
            .ok_or(Refusal::NoWorkspace)?;
        if route.instance != Some(instance) {
            return Err(Refusal::CodeUsed);
        }
        let token = if is_guest {
            &route.guest_token
        } else {
            &route.owner_token
        };
        if token.expose().is_empty() {
            return Err(Refusal::CodeUsed); // not shared any more
        }
        let secure = if self.hosts.is_secure() {
            "; Secure"
        } else {
            ""
        };
        let cookie = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
            self.hosts.owner_cookie(instance),
            escape(token.expose()),
        );
        let mut response = see_other(&ticket.next)?;
        let mut cookie = HeaderValue::try_from(cookie).map_err(|_| {
            Refusal::Broken(Error::unexpected("the owner token is no cookie value"))
        })?;
        cookie.set_sensitive(true);
        response.headers_mut().insert(SET_COOKIE, cookie);
        Ok(response)
    }

    /// Sends a person without a cookie to the platform, which knows who they are and sends them back.
    pub(super) fn ask_to_enter(
        &self,
        target: &Target,
        place: &str,
    ) -> Result<Response<Body>, Refusal> {
        let workspace = target.workspace().ok_or(Refusal::UnknownHost)?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Target::Port { port, .. } = target {
            query.append_pair("port", &port.to_string());
        }
        query.append_pair("next", next_path(place));
        let query = query.finish();
        see_other(&format!(
            "{}/open/{workspace}?{query}",
            self.hosts.platform_url()
        ))
    }
}

/// Whether a person opens a page, rather than a page its parts or a program its data.
pub(super) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let html = text("accept").is_some_and(|accept| accept.contains("text/html"));
    let top_level = match (text("sec-fetch-mode"), text("sec-fetch-dest")) {
        (None, _) => true,
        (Some(mode), dest) => mode == "navigate" && dest == Some("document"),
    };
    *method == Method::GET && html && top_level
}

fn see_other(place: &str) -> Result<Response<Body>, Refusal> {
    let place = HeaderValue::try_from(place)
        .map_err(|_| Refusal::Malformed("its address cannot be repeated"))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, place);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// `%xx` for everything that a cookie value cannot hold.
fn escape(token: &str) -> String {
    form_urlencoded::byte_serialize(token.as_bytes())
        .map(|part| if part == "+" { "%20" } else { part })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_codes_of_ours_only() {
        assert!(Ticket::read("/_auth", Some("code=gpc_x&next=/a")).is_some_and(|t| t.next == "/a"));
        assert!(
            Ticket::read("/_auth", Some("code=gpc_x&next=//evil")).is_some_and(|t| t.next == "/")
        );
        assert!(Ticket::read("/_auth", Some("code=theirs")).is_none());
        assert!(Ticket::read("/_auth/", Some("code=gpc_x")).is_none());
        assert!(Ticket::read("/_auth", None).is_none());
    }

    #[test]
    fn only_pages_are_sent_to_the_platform() {
        let html = ("accept", "text/html,*/*");
        let is = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(k, v)| {
                    (
                        http::HeaderName::from_static(k),
                        HeaderValue::from_static(v),
                    )
                })
                .collect();
            is_navigation(&Method::GET, &headers)
        };
        assert!(is(&[html]));
        assert!(is(&[
            html,
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document")
        ]));
        assert!(!is(&[
            html,
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "iframe")
        ]));
        assert!(!is(&[html, ("sec-fetch-mode", "cors")]));
        assert!(!is(&[("accept", "*/*")]));
    }
}
