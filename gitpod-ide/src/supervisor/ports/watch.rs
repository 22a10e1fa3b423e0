use std::collections::BTreeSet;
use std::time::Duration;

use gitpod_core::port::PortSpec;
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
    views: watch::Sender<Vec<PortView>>,
}

impl Ports {
    /// The configured ports; what is served is found by [`Ports::follow`].
    pub(crate) fn new(specs: Vec<PortSpec>, own: Vec<u16>, workspace_url: String) -> Self {
        let views = merge(&BTreeSet::new(), &specs, &own, &workspace_url);
        Self {
            specs,
            own,
            workspace_url,
            views: watch::Sender::new(views),
        }
    }

    /// Hears every change.
    pub(crate) fn watch(&self) -> watch::Receiver<Vec<PortView>> {
        self.views.subscribe()
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
            let views = merge(&served, &self.specs, &self.own, &self.workspace_url);
            let changed = self.views.send_if_modified(|known| {
                let differs = *known != views;
                *known = views;
                differs
            });
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
