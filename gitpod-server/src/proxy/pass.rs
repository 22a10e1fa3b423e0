//! One request into a workspace: who, where to, and what changes on the way.

use std::sync::Arc;

use axum::body::Body;
use gitpod_core::InstanceId;
use gitpod_core::port::Visibility;
use gitpod_core::workspace::Phase;
use http::header::HeaderValue;
use http::{Extensions, Method, Request, Response, StatusCode};

use super::Target;
use super::activity::is_deliberate;
use super::authorize::{Denial, Grant, Tokens, authorize};
use super::dispatch::Inner;
use super::entrance::{Ticket, is_navigation};
use super::origin::{Access, is_trusted};
use super::refusal::{Refusal, from_upstream};
use super::route::{EDITOR_PORT, Route, SUPERVISOR_PORT};
use super::upgrade::{self, Wish};
use super::upstream::{Address, Speak};
use super::welcome::{Welcome, WhileWelcome};
use super::{grpc, rewrite};

impl Inner {
    /// Passes a request on, or says why not.
    pub(super) async fn pass(
        self: &Arc<Self>,
        target: &Target,
        host: HeaderValue,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Refusal> {
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            return Err(Refusal::NotImplemented(
                "CONNECT and TRACE are not passed on",
            ));
        }
        let workspace = target.workspace().ok_or(Refusal::UnknownHost)?;
        if let Some(ticket) = Ticket::read(request.uri().path(), request.uri().query()) {
            return self.redeem(target, ticket).await;
        }
        let wish = upgrade::wish(request.headers());
        let known = self.routes.find(workspace).await;
        let mut route = found(known)?;
        let mut admitted = self.judge(target, &route, &request, wish);
        if admitted.is_err() {
            // What is known may be a moment old: that may let somebody in, and keeps nobody out. An instance that just started
            // has another token than the one before it.
            route = found(self.routes.read(workspace).await)?;
            admitted = self.judge(target, &route, &request, wish);
        }
        let (instance, grant) = match admitted {
            Err(Refusal::SignIn) if is_navigation(request.method(), request.headers()) => {
                let place = request
                    .uri()
                    .path_and_query()
                    .map_or("/", |place| place.as_str());
                return self.ask_to_enter(target, place);
            }
            admitted => admitted?,
        };

        let (port, speak) = destination(target, &request);
        let address = Address {
            workspace: workspace.clone(),
            instance,
            port,
            protocol: route.protocol(port),
        };
        if grant != Grant::Public && is_deliberate(request.method(), request.headers()) {
            self.activity.note(workspace);
        }
        self.rewrite(&mut request, host, speak);
        let response = match wish {
            Wish::None => match Welcome::of(grant, &route) {
                Some(welcome) => {
                    self.forward_stranger(&address, speak, request, welcome)
                        .await
                }
                None => self.forward(&address, speak, request).await,
            },
            Wish::WebSocket => {
                let welcome = Welcome::of(grant, &route);
                self.websocket(&address, welcome, request).await
            }
            Wish::Other => Err(Refusal::NotImplemented(
                "Only WebSockets can be upgraded to",
            )),
        };
        let mut response = response.map_err(|refusal| wait_for_start(refusal, &route))?;
        self.clean(target, &mut response);
        Ok(response)
    }

    fn judge(
        &self,
        target: &Target,
        route: &Route,
        request: &Request<Body>,
        wish: Wish,
    ) -> Result<(InstanceId, Grant), Refusal> {
        let instance = route
            .instance
            .filter(|_| route.is_reachable())
            .ok_or(Refusal::NotRunning(route.phase))?;
        let visibility = match target {
            Target::Port { port, .. } => route.visibility(*port),
            Target::Workspace(_) | Target::Platform | Target::Unknown => Visibility::Private,
        };
        let cookie = self.hosts.owner_cookie(instance);
        let grant = authorize(
            request.headers(),
            &cookie,
            Tokens {
                owner: route.owner_token.expose(),
                guest: route.guest_token.expose(),
            },
            visibility,
        )
        .map_err(|denial| match denial {
            Denial::Missing => Refusal::SignIn,
            Denial::Wrong => Refusal::WrongToken,
            Denial::Malformed => Refusal::NoToken,
        })?;
        let access = if wish == Wish::None {
            Access::Request
        } else {
            Access::Upgrade
        };
        let check = match grant {
            Grant::Cookie | Grant::GuestCookie => visibility == Visibility::Private,
            Grant::Header | Grant::GuestHeader => {
                access == Access::Upgrade && visibility == Visibility::Private
            }
            Grant::Public => false,
        };
        if check
            && !is_trusted(
                &self.hosts,
                target,
                request.method(),
                request.headers(),
                access,
            )
        {
            return Err(Refusal::ForeignOrigin);
        }
        Ok((instance, grant))
    }

    async fn forward(
        &self,
        to: &Address,
        speak: Speak,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Refusal> {
        *request.extensions_mut() = Extensions::new();
        let response = self
            .upstream
            .send(to, speak, request)
            .await
            .map_err(|e| refused(e, to))?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Refusal::BadGateway(gitpod_core::Error::unexpected(
                "it switched protocols without being asked",
            )));
        }
        Ok(response)
    }

    /// As [`Self::forward`], for as long as the port is public, or the workspace shared: then request and answer are cut, wherever they are.
    async fn forward_stranger(
        self: &Arc<Self>,
        to: &Address,
        speak: Speak,
        request: Request<Body>,
        welcome: Welcome,
    ) -> Result<Response<Body>, Refusal> {
        let response = tokio::select! {
            response = self.forward(to, speak, request) => response?,
            () = self.unwelcome(to, &welcome) => return Err(Refusal::SignIn),
        };
        let (this, to) = (Arc::clone(self), to.clone());
        let unwelcome = Box::pin(async move { this.unwelcome(&to, &welcome).await });
        Ok(response.map(|body| Body::new(WhileWelcome::new(body, unwelcome))))
    }

    async fn websocket(
        self: &Arc<Self>,
        to: &Address,
        welcome: Option<Welcome>,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Refusal> {
        let client = hyper::upgrade::on(&mut request);
        *request.extensions_mut() = Extensions::new();
        rewrite::set_upgrade(request.headers_mut());
        let mut response = self
            .upstream
            .send(to, Speak::Http1, request)
            .await
            .map_err(|e| refused(e, to))?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(response);
        }
        let server = hyper::upgrade::on(&mut response);
        let (this, to) = (Arc::clone(self), to.clone());
        self.tasks.spawn(async move {
            let unwelcome = async {
                match &welcome {
                    Some(welcome) => this.unwelcome(&to, welcome).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = upgrade::join(client, server) => {}
                () = this.closing.cancelled() => {}
                () = unwelcome => {}
            }
        });
        Ok(response)
    }
}

fn found(route: Result<Option<Arc<Route>>, gitpod_core::Error>) -> Result<Arc<Route>, Refusal> {
    route.map_err(Refusal::Broken)?.ok_or(Refusal::NoWorkspace)
}

/// Which port of the instance, and what to speak to it.
fn destination(target: &Target, request: &Request<Body>) -> (u16, Speak) {
    let is_grpc = grpc::is_grpc(request.headers());
    let speak = if is_grpc { Speak::Http2 } else { Speak::Http1 };
    if let Target::Port { port, .. } = target {
        return (*port, speak);
    }
    let path = request.uri().path();
    if grpc::is_supervisor_method(path) {
        (SUPERVISOR_PORT, speak)
    } else if path.starts_with("/_supervisor/") {
        (SUPERVISOR_PORT, Speak::Http1)
    } else {
        (EDITOR_PORT, speak)
    }
}

fn refused(error: gitpod_core::Error, to: &Address) -> Refusal {
    let is_ours = matches!(to.port, SUPERVISOR_PORT | EDITOR_PORT);
    from_upstream(error, to.port, is_ours)
}

/// While a workspace starts, nothing listening is no surprise; once it runs, its editor has answered before.
fn wait_for_start(refusal: Refusal, route: &Route) -> Refusal {
    match refusal {
        Refusal::NotServed(_) if route.phase == Phase::Initializing => Refusal::NotReady,
        Refusal::NotReady if route.phase == Phase::Running => Refusal::EditorGone,
        other => other,
    }
}
