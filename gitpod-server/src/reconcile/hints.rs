use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard};

use gitpod_core::WorkspaceId;
use tokio::sync::Notify;

/// Workspaces somebody should look at. A hint carries no data; many hints about one workspace are one.
#[derive(Debug, Default)]
pub(super) struct Hints {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    order: VecDeque<WorkspaceId>,
    known: HashSet<WorkspaceId>,
}

impl Hints {
    /// Adds a hint.
    pub(super) fn add(&self, id: &WorkspaceId) {
        let mut queue = self.queue();
        if queue.known.insert(id.clone()) {
            queue.order.push_back(id.clone());
            drop(queue);
            self.arrived.notify_one();
        }
    }

    /// The oldest hint; waits for one.
    ///
    /// # Cancellation
    /// Loses no hint.
    pub(super) async fn next(&self) -> WorkspaceId {
        loop {
            let arrived = self.arrived.notified();
            if let Some(id) = self.take() {
                return id;
            }
            arrived.await;
        }
    }

    fn take(&self) -> Option<WorkspaceId> {
        let mut queue = self.queue();
        let id = queue.order.pop_front()?;
        queue.known.remove(&id);
        Some(id)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue
            .lock()
            .expect("because no holder of this lock can panic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_hints_about_one_workspace_are_one() {
        let (a, b) = (
            WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap(),
            WorkspaceId::parse("blue-otter-k3v9x2ab").unwrap(),
        );
        let hints = Hints::default();
        for id in [&a, &b, &a] {
            hints.add(id);
        }
        assert_eq!(hints.next().await, a);
        assert_eq!(hints.next().await, b);
        assert_eq!(hints.take(), None);
    }
}
