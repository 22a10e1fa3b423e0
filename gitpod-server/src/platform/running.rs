use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A platform at work. Dropping it ends the work at once; workspaces go on running either way.
#[must_use = "dropping it ends the platform's work"]
#[derive(Debug)]
pub struct Running {
    pub(super) stop: CancellationToken,
    pub(super) session: CancellationToken,
    pub(super) driver: Option<JoinHandle<()>>,
}

/// Effects under way get this long to end when the platform is told to.
pub(super) const GRACE: Duration = Duration::from_secs(10);

impl Running {
    /// Ends the work in an orderly way: nothing new is begun, what is under way may end. Running workspaces go on; the
    /// next platform over the same parts finds them again.
    pub async fn drain(mut self) {
        self.stop.cancel();
        if let Some(driver) = self.driver.take() {
            // A driver that panicked has nothing left to wait for.
            let _ = driver.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.session.cancel();
        if let Some(driver) = self.driver.take() {
            driver.abort();
        }
    }
}
