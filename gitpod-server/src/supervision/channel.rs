use std::sync::Arc;

use gitpod_core::InstanceId;
use gitpod_runtime::WorkspaceRuntime;
use hyper_util::rt::TokioIo;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

/// Where a supervisor listens.
const PORT: u16 = 22999;
/// Bytes of one message at most; what an instance says is not trusted.
pub(super) const LONGEST_MESSAGE: usize = 1 << 20;

/// A channel to the supervisor of `instance`; it connects when it is first used, and again when it broke.
pub(super) fn open(runtime: Arc<dyn WorkspaceRuntime>, instance: InstanceId) -> Channel {
    let connect = service_fn(move |_| {
        let runtime = Arc::clone(&runtime);
        async move { runtime.dial(instance, PORT).await.map(TokioIo::new) }
    });
    // The name is for the `:authority` header alone; the connector decides where this goes.
    Endpoint::from_static("http://localhost:22999").connect_with_connector_lazy(connect)
}
