//! What the supervisors inside running instances say.

mod assumed;
mod channel;
mod convert;
mod dialled;

use std::fmt;

use futures::stream::BoxStream;
use gitpod_core::InstanceId;
use gitpod_core::workspace::SupervisorFacts;

pub use assumed::AssumedReady;
pub use dialled::Dialled;

/// Listens to supervisors.
pub trait Supervision: fmt::Debug + Send + Sync + 'static {
    /// What the supervisor of `instance` says: everything it knows, again each time something changed.
    ///
    /// # Behavior
    /// Never ends by itself and never fails: it connects again for as long as somebody listens. Nothing a supervisor says is
    /// trusted; lists and texts are cut to bounds. Dropping the stream ends the connections.
    fn watch(&self, instance: InstanceId) -> BoxStream<'static, SupervisorFacts>;
}
