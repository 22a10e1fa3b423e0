use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use gitpod_core::Result;

use super::Platform;
use crate::auth::Authenticator;
use crate::proxy::{Hosts, Proxy};
use crate::{api, dashboard};

impl Platform {
    /// Everything that browsers and clients ask an installation for: public API, dashboard, workspaces and their ports.
    ///
    /// # Behavior
    /// Hosts decide: the host of the public URL is the platform's, hosts below its `ws.` are workspaces, all others are
    /// refused. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that wrong tokens are counted by
    /// address.
    ///
    /// # Errors
    /// `ConfigInvalid` when the public URL cannot have workspaces below it.
    pub fn router(&self) -> Result<Router> {
        self.mount(Router::new())
    }

    /// As [`Platform::router`], with your `own` routes on the platform's host. They come first; what they do not answer is
    /// the platform's, so a fallback of theirs is not asked.
    ///
    /// # Errors
    /// As [`Platform::router`].
    pub fn mount(&self, own: Router) -> Result<Router> {
        let proxy = Proxy::new(self.clone(), Hosts::new(self.public_url())?);
        Ok(proxy.dispatch(own.fallback_service(pages(self, &proxy))))
    }
}

/// What the platform's own host answers to.
pub(crate) fn pages(platform: &Platform, proxy: &Proxy) -> Router {
    let (identities, clock) = (platform.identities(), platform.clock());
    let authenticator = Authenticator::new(Arc::clone(identities), Arc::clone(clock));
    let dashboard = dashboard::router(platform.clone(), authenticator.clone(), proxy.clone());
    api::router(platform.clone(), authenticator)
        .merge(dashboard)
        .route("/healthz", get(async || "ok"))
}
