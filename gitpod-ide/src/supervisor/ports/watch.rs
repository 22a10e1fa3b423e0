use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gitpod_core::port::{PortChoice, PortSpec};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::diag::SockDiag;
use super::list::{PortView, merge};
use super::proc_net;

/// While ports come and go.
const BUSY: Duration = Duration::from_millis(200);
/// Else: a port is seen within a second.
const QUIET: Duration = Duration::from_millis(800);
/// After this long without a change it is quiet.
const SETTLED: Duration = Duration::from_secs(20);

/// The ports of the instance.
#[derive(Debug)]
pub(crate) struct Ports {
    specs: Vec<PortSpec>,
    own: Vec<u16>,
    workspace_url: String,
    known: Mutex<Known>,
    views: watch::Sender<Vec<PortView>>,
}

/// What changes while the instance runs.
#[derive(Debug, Default)]
struct Known {
    served: BTreeSet<u16>,
    /// Of the record that the choices are from.
    generation: u64,
    choices: Vec<PortChoice>,
}

impl Ports {
    /// The configured ports; what is served is found by [`Ports::follow`].
    pub(crate) fn new(specs: Vec<PortSpec>, own: Vec<u16>, workspace_url: String) -> Self {
        let views = merge(&BTreeSet::new(), &specs, &[], &own, &workspace_url);
        Self {
            specs,
            own,
            workspace_url,
            known: Mutex::default(),
            views: watch::Sender::new(views),
        }
    }

    /// Hears every change.
    pub(crate) fn watch(&self) -> watch::Receiver<Vec<PortView>> {
        self.views.subscribe()
    }

    /// Shows what the owner chose, unless something newer is shown already.
    pub(crate) fn show(&self, generation: u64, choices: Vec<PortChoice>) {
        self.update(|known| {
            if generation >= known.generation {
                known.generation = generation;
                known.choices = choices;
            }
        });
    }

    /// Changes what is known and tells if that changes what is to be seen; whether it did.
    fn update(&self, change: impl FnOnce(&mut Known)) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut known);
        let views = merge(
            &known.served,
            &self.specs,
            &known.choices,
            &self.own,
            &self.workspace_url,
        );
        // Under the lock, so that the last to change is the last to tell.
        self.views.send_if_modified(|shown| {
            let differs = *shown != views;
            *shown = views;
            differs
        })
    }

    /// Looks for served ports for ever.
    pub(crate) async fn follow(&self) {
        let diag = SockDiag::open()
            .inspect_err(
                |error| warn!(%error, "no netlink sockets here: ports are read from /proc/net"),
            )
            .ok();
        let mut last_change = Instant::now();
        loop {
            let served = diag
                .as_ref()
                .and_then(|diag| diag.listening().ok())
                .unwrap_or_else(proc_net::listening);
            let changed = self.update(|known| known.served = served);
            if changed {
                last_change = Instant::now();
            }
            sleep(if last_change.elapsed() < SETTLED {
                BUSY
            } else {
                QUIET
            })
            .await;
        }
    }
}
