use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use connectrpc::{ConnectRpcService, Limits};
use gitpod_core::proto::gitpod::experimental::v1::EditorServiceExt as _;
use gitpod_core::proto::gitpod::v1::{
    EnvironmentVariableServiceExt as _, OrganizationServiceExt as _, UserServiceExt as _,
    WorkspaceServiceExt as _,
};

use super::editors::Editors;
use super::gate::Gate;
use super::methods::METHODS;
use super::organizations::Organizations;
use super::request_id::name_request;
use super::users::Users;
use super::variables::Variables;
use super::workspaces::Workspaces;
use crate::Platform;
use crate::auth::Authenticator;

/// Largest request; the longest thing a person sends is a URL.
const LARGEST: usize = 1 << 20;

/// The public API of `platform`, at `/<package>.<Service>/<Method>` and the same below `/public-api`.
///
/// # Behavior
/// Connect, gRPC and gRPC-Web on the same paths. Merge it with pages and other routes: it has no fallback of its own. Serve it
/// with `into_make_service_with_connect_info::<SocketAddr>()`, so that wrong tokens are counted by address.
pub fn router(platform: Platform, authenticator: Authenticator) -> Router {
    let service = ConnectRpcService::new(services(&platform))
        .with_limits(
            Limits::default()
                .with_max_request_body_size(LARGEST)
                .with_max_message_size(LARGEST),
        )
        .with_interceptor(Gate::new(authenticator));
    let mut names: Vec<&str> = METHODS
        .iter()
        .filter_map(|method| method.path.split('/').next())
        .collect();
    names.dedup();
    let services = names.into_iter().fold(Router::new(), |router, name| {
        router.route_service(&format!("/{name}/{{method}}"), service.clone())
    });
    Router::new()
        .merge(services.clone())
        .nest("/public-api", services)
        .layer(from_fn(name_request))
}

/// Every service there is.
pub(super) fn services(platform: &Platform) -> connectrpc::Router {
    let router = connectrpc::Router::new();
    let router = Arc::new(Workspaces::new(platform.clone())).register(router);
    let router = Arc::new(Organizations::new(platform.clone())).register(router);
    let router = Arc::new(Users).register(router);
    let router = Arc::new(Variables::new(platform.clone())).register(router);
    Arc::new(Editors::new(platform.clone())).register(router)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_served_and_what_is_declared_are_the_same() {
        let services = services(&Platform::in_memory().unwrap());
        let served: BTreeSet<&str> = services.methods().collect();
        let declared: BTreeSet<&str> = METHODS.iter().map(|method| method.path).collect();
        assert_eq!(served, declared);
    }
}
