use std::time::Duration;

use gitpod_core::git::GitStatus;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::ask::Repository;
use crate::supervisor::activity::Fingerprint;

const INTERVAL: Duration = Duration::from_secs(5);
/// Asked at least this often, even if nothing seems to have run meanwhile.
const AT_LEAST: Duration = Duration::from_mins(1);
/// A repository that is slow to ask is asked less often: git gets at most this part of the time.
const SHARE: u32 = 10;

/// The latest status, kept fresh while somebody listens.
#[derive(Debug)]
pub(crate) struct GitWatch {
    repository: Repository,
    latest: watch::Sender<Latest>,
}

/// `None`: not asked yet. `Some(None)`: there is no repository.
pub(crate) type Latest = Option<Option<GitStatus>>;

impl GitWatch {
    pub(crate) fn new(repository: Repository) -> Self {
        Self {
            repository,
            latest: watch::Sender::default(),
        }
    }

    /// Hears every change.
    pub(crate) fn watch(&self) -> watch::Receiver<Latest> {
        self.latest.subscribe()
    }

    /// Asks git now.
    pub(crate) async fn ask(&self) -> std::io::Result<Option<GitStatus>> {
        let status = self.repository.status().await?;
        self.publish(status.clone());
        Ok(status)
    }

    fn publish(&self, status: Option<GitStatus>) {
        self.latest.send_if_modified(|latest| {
            let status = Some(status);
            let differs = *latest != status;
            *latest = status;
            differs
        });
    }

    /// Asks git again and again while somebody listens and something runs in the workspace. Never returns.
    pub(crate) async fn follow(&self) {
        let mut seen = None;
        let mut asked = Instant::now();
        loop {
            self.somebody_listens().await;
            let now = Fingerprint::take();
            let started = Instant::now();
            if seen != Some(now) || started.duration_since(asked) >= AT_LEAST {
                if let Err(error) = self.ask().await {
                    warn!(%error, "cannot ask git for the status");
                }
                asked = started;
                // Taken before git ran: what happened meanwhile is asked about again.
                seen = Some(now);
            }
            sleep(INTERVAL.max(started.elapsed() * SHARE)).await;
        }
    }

    /// A new listener gives no signal; looking twice a second costs nothing that can be measured.
    async fn somebody_listens(&self) {
        const LOOK: Duration = Duration::from_millis(500);
        while self.latest.is_closed() {
            sleep(LOOK).await;
        }
    }
}
