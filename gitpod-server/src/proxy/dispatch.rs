//! The outermost service: by host, to the platform or into a workspace.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::header::{HOST, HeaderValue};
use http::{Request, Response};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{ServiceExt as _, service_fn};

use super::activity::Activity;
use super::handoff::Handoff;
use super::refusal::{Audience, Refusal};
use super::route::Routes;
use super::upstream::Upstream;
use super::{Hosts, Target};
use crate::Platform;

/// Bytes of headers a request may have; what is larger is a mistake or an attack.
const HEADER_BYTES: usize = 64 * 1024;

/// The proxy. Cheap to clone; all clones share connections and one-time codes.
#[derive(Clone)]
pub struct Proxy {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) platform: Platform,
    pub(super) hosts: Hosts,
    pub(super) routes: Routes,
    pub(super) handoff: Handoff,
    pub(super) activity: Activity,
    pub(super) upstream: Upstream,
    pub(super) tasks: TaskTracker,
    pub(super) closing: CancellationToken,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("hosts", &self.inner.hosts)
            .finish_non_exhaustive()
    }
}

impl Proxy {
    /// A proxy into the workspaces of `platform`.
    pub fn new(platform: Platform, hosts: Hosts) -> Self {
        let tasks = TaskTracker::new();
        let inner = Inner {
            routes: Routes::new(platform.clone()),
            handoff: Handoff::new(Arc::clone(platform.clock())),
            activity: Activity::new(platform.clone(), tasks.clone()),
            upstream: Upstream::new(platform.clone()),
            platform,
            hosts,
            tasks,
            closing: CancellationToken::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The names this proxy answers to.
    pub fn hosts(&self) -> &Hosts {
        &self.inner.hosts
    }

    /// The outermost service: requests for the platform's host go to `platform`, all others into workspaces.
    ///
    /// # Behavior
    /// A host that names nothing of ours is refused (421), also for `platform`: so a name that somebody else points at this
    /// machine (DNS rebinding) reaches nothing.
    pub fn dispatch(&self, platform: Router) -> Router {
        let inner = Arc::clone(&self.inner);
        Router::new().fallback_service(service_fn(move |mut request: Request<Body>| {
            let (inner, platform) = (Arc::clone(&inner), platform.clone());
            async move {
                let response = match inner.admit(&request) {
                    Ok((Target::Platform, host)) => {
                        // HTTP/2 names the host in the address only; what comes after reads the header.
                        request.headers_mut().insert(HOST, host);
                        platform.oneshot(request).await?
                    }
                    Ok((target, host)) => inner.serve(&target, host, request).await,
                    Err(refusal) => {
                        refusal.respond(&inner.hosts, None, Audience::of(request.headers()))
                    }
                };
                Ok::<_, Infallible>(response)
            }
        }))
    }

    /// Ends with the proxy: for streams of the platform's own that would hold up an orderly end.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + Send + 'static {
        self.inner.closing.clone().cancelled_owned()
    }

    /// Ends every WebSocket and waits until nothing of the proxy runs any more.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

impl Inner {
    fn admit(&self, request: &Request<Body>) -> Result<(Target, HeaderValue), Refusal> {
        let bytes: usize = request
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if bytes > HEADER_BYTES {
            return Err(Refusal::Malformed("its headers are too large"));
        }
        let host = host_of(request)?;
        match self.hosts.parse(host.to_str().unwrap_or_default()) {
            Target::Unknown => Err(Refusal::UnknownHost),
            target => Ok((target, host)),
        }
    }

    pub(super) async fn serve(
        self: &Arc<Self>,
        target: &Target,
        host: HeaderValue,
        request: Request<Body>,
    ) -> Response<Body> {
        let audience = Audience::of(request.headers());
        match self.pass(target, host, request).await {
            Ok(response) => response,
            Err(refusal) => {
                if let Refusal::Broken(error) = &refusal {
                    tracing::warn!(error = %gitpod_core::Chain(error), "cannot look up a route");
                }
                refusal.respond(&self.hosts, target.workspace(), audience)
            }
        }
    }
}

/// The one host of a request. HTTP/2 and absolute addresses name it in the address; a `Host` that says otherwise is an attempt to
/// be routed by one and judged by the other.
fn host_of(request: &Request<Body>) -> Result<HeaderValue, Refusal> {
    let mut headers = request.headers().get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Refusal::Malformed("it has several Host headers"));
    }
    let Some(authority) = request.uri().authority() else {
        return header
            .cloned()
            .ok_or(Refusal::Malformed("it has no Host header"));
    };
    if header.is_some_and(|header| {
        !header
            .as_bytes()
            .eq_ignore_ascii_case(authority.as_str().as_bytes())
    }) {
        return Err(Refusal::Malformed(
            "its Host header contradicts its address",
        ));
    }
    HeaderValue::try_from(authority.as_str())
        .map_err(|_| Refusal::Malformed("its address is not a host name"))
}
