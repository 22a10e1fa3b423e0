use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use connectrpc::interceptor::{
    Interceptor, Next, NextStream, PayloadStream, StreamRequest, StreamResponse, UnaryRequest,
    UnaryResponse,
};
use connectrpc::{ConnectError, ErrorCode, RequestContext};
use gitpod_core::access::Principal;
use gitpod_core::store::Role;
use gitpod_core::{Error, ErrorKind};

use super::methods::{self, Callers};
use super::status::{blocked, connect_error, unimplemented};
use crate::auth::{Authenticator, unauthenticated};

/// Stands before every method: who asks, and may they.
#[derive(Debug)]
pub(super) struct Gate {
    authenticator: Authenticator,
}

impl Gate {
    pub(super) fn new(authenticator: Authenticator) -> Self {
        Self { authenticator }
    }

    /// Notes in `ctx` who asks, if they may call this method.
    async fn admit(&self, ctx: &mut RequestContext) -> Result<(), ConnectError> {
        let peer = peer(ctx);
        // Every method of the API is a POST; none is idempotent by declaration.
        let caller = self
            .authenticator
            .authenticate(&http::Method::POST, ctx.headers(), peer)
            .await
            .map_err(connect_error)?;
        let path = ctx.path().unwrap_or_default();
        let method = methods::find(path).ok_or_else(|| {
            ConnectError::new(ErrorCode::Unimplemented, "this method declares no callers")
        })?;
        let Some(user) = caller.principal.user() else {
            return Err(connect_error(unauthenticated("nobody is signed in")));
        };
        if let Principal::Token { scopes, .. } = &caller.principal
            && !scopes.may_call_all()
        {
            return Err(connect_error(unauthenticated(
                "the token's scopes do not open the API",
            )));
        }
        if user.blocked || user.deleted {
            return Err(blocked());
        }
        if method.callers == Callers::Administrators && user.role != Role::Admin {
            return Err(connect_error(
                Error::new(
                    ErrorKind::PermissionDenied,
                    "only administrators may call this method",
                )
                .with_hint("ask an administrator of this installation"),
            ));
        }
        if !method.served {
            return Err(unimplemented());
        }
        ctx.extensions_mut().insert(caller.principal);
        Ok(())
    }
}

#[connectrpc::async_trait]
impl Interceptor for Gate {
    async fn intercept_unary(
        &self,
        mut request: UnaryRequest,
        next: Next<'_>,
    ) -> Result<UnaryResponse, ConnectError> {
        self.admit(&mut request.ctx).await?;
        next.run(request).await
    }

    async fn intercept_streaming(
        &self,
        mut request: StreamRequest,
        inbound: PayloadStream,
        next: NextStream<'_>,
    ) -> Result<StreamResponse, ConnectError> {
        self.admit(&mut request.ctx).await?;
        next.run(request, inbound).await
    }
}

/// Who asks, as the gate found out.
pub(super) fn caller(ctx: &RequestContext) -> Result<&Principal, ConnectError> {
    ctx.extensions()
        .get::<Principal>()
        .ok_or_else(|| connect_error(unauthenticated("nobody is signed in")))
}

fn peer(ctx: &RequestContext) -> Option<IpAddr> {
    ctx.extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip())
}
