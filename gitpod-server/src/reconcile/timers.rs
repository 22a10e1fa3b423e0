use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use gitpod_core::WorkspaceId;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// No timer sleeps longer: guards against clocks that jump.
const LONGEST: Duration = Duration::from_hours(1);

/// One timer per workspace.
#[derive(Debug, Default)]
pub(super) struct Timers {
    table: Mutex<Table>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Table {
    due: BTreeSet<(Instant, WorkspaceId)>,
    of: HashMap<WorkspaceId, Instant>,
}

impl Timers {
    /// Sets the workspace's timer, or removes it.
    pub(super) fn set(&self, id: &WorkspaceId, pause: Option<Duration>) {
        let due = pause.map(|pause| Instant::now() + pause.min(LONGEST));
        let mut table = self.table();
        if let Some(old) = table.of.remove(id) {
            table.due.remove(&(old, id.clone()));
        }
        if let Some(due) = due {
            table.of.insert(id.clone(), due);
            table.due.insert((due, id.clone()));
        }
        drop(table);
        self.changed.notify_one();
    }

    /// Removes all timers.
    pub(super) fn clear(&self) {
        *self.table() = Table::default();
        self.changed.notify_one();
    }

    /// Waits for the next timer that is due.
    ///
    /// # Cancellation
    /// Loses no timer.
    pub(super) async fn next(&self) -> WorkspaceId {
        loop {
            let changed = self.changed.notified();
            let first = self.table().due.first().cloned();
            match first {
                None => changed.await,
                Some((due, id)) if due <= Instant::now() => {
                    let mut table = self.table();
                    table.due.remove(&(due, id.clone()));
                    table.of.remove(&id);
                    return id;
                }
                Some((due, _)) => {
                    tokio::select! {
                        biased;
                        () = changed => {}
                        () = sleep_until(due) => {}
                    }
                }
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table
            .lock()
            .expect("because no holder of this lock can panic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_last_setting_of_a_workspace_counts() {
        let (a, b) = (
            WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap(),
            WorkspaceId::parse("blue-otter-k3v9x2ab").unwrap(),
        );
        let timers = Timers::default();
        timers.set(&a, Some(Duration::from_secs(1)));
        timers.set(&b, Some(Duration::from_secs(2)));
        timers.set(&a, Some(Duration::from_secs(3)));
        assert_eq!(timers.next().await, b);
        timers.set(&b, Some(Duration::from_secs(9)));
        timers.set(&b, None);
        assert_eq!(timers.next().await, a);
        assert!(
            tokio::time::timeout(Duration::from_mins(1), timers.next())
                .await
                .is_err()
        );
    }
}
