//! What the supervisors inside running instances say.

mod assumed;
mod channel;
mod convert;
mod dialled;

use std::fmt;

use async_trait::async_trait;
use futures::stream::BoxStream;
use gitpod_core::port::PortChoice;
use gitpod_core::workspace::{Generation, SupervisorFacts};
use gitpod_core::{InstanceId, Result};

pub use assumed::AssumedReady;
pub use dialled::Dialled;

/// What supervisors show of ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownPorts {
    /// Of the record that the choices are from.
    pub generation: Generation,
    /// What the owner chose.
    pub choices: Vec<PortChoice>,
}

/// Listens to supervisors.
#[async_trait]
pub trait Supervision: fmt::Debug + Send + Sync + 'static {
    /// What the supervisor of `instance` says: everything it knows, again each time something changed.
    ///
    /// # Behavior
    /// Never ends by itself and never fails: it connects again for as long as somebody listens. Nothing a supervisor says is
    /// trusted; lists and texts are cut to bounds. Dropping the stream ends the connections.
    fn watch(&self, instance: InstanceId) -> BoxStream<'static, SupervisorFacts>;

    /// Tells the supervisor of `instance` what the owner chose for its ports, for lists inside the workspace.
    ///
    /// # Behavior
    /// May be repeated; the choices of a newer record win, in whatever order they arrive. Who may reach a port is decided by the
    /// platform, whatever the supervisor makes of this. The default tells nobody.
    ///
    /// # Errors
    /// `Unavailable`, `TimedOut`: the supervisor does not answer; worth trying again.
    async fn show_ports(&self, instance: InstanceId, shown: ShownPorts) -> Result<()> {
        let _ = (instance, shown);
        Ok(())
    }
}
