use std::collections::BTreeSet;

use gitpod_core::store::Query;
use gitpod_core::{Chain, Result, WorkspaceId};
use tracing::{debug, info, warn};

use super::Driver;

/// Records read at once.
const PAGE: usize = 200;

impl Driver {
    /// Hints at every workspace with something under way, running, or to be done later.
    pub(super) async fn recover(&self) -> Result<()> {
        let mut query = Query::default();
        query.active_only = true;
        query.include_deleted = true;
        query.limit = PAGE;
        loop {
            let page = self.parts.store.list(&query).await?;
            for workspace in &page {
                self.poke(&workspace.id);
            }
            match page.last() {
                Some(last) if page.len() == PAGE => query.after = Some(last.id.clone()),
                _ => return Ok(()),
            }
        }
    }

    /// Finds instances that no record knows, and has them removed; volumes that no record knows are kept and reported.
    pub(super) async fn sweep(&self) -> Result<()> {
        for state in self.parts.runtime.list().await? {
            let record = self.parts.store.get(&state.workspace).await?;
            let current = record
                .as_ref()
                .and_then(|workspace| workspace.status.instance.as_ref())
                .map(|instance| instance.id);
            if current == Some(state.id) {
                continue;
            }
            info!(instance = %state.id, workspace = %state.workspace, "found an instance that should not exist");
            if record.is_some() {
                self.with_slot(&state.workspace, |slot| {
                    if !slot.strays.contains(&state.id) {
                        slot.strays.push(state.id);
                    }
                });
                self.poke(&state.workspace);
            } else if let Err(error) = self.parts.runtime.remove(state.id).await {
                warn!(instance = %state.id, error = %Chain(&error), "cannot remove the instance");
            }
        }
        let pruned = self
            .parts
            .store
            .prune(self.parts.policy.events_kept)
            .await?;
        debug!(pruned, "removed events that nobody needs any more");
        // A hint that came to a server that died, or a read that was not the newest, is made good here at the latest.
        self.recover().await?;
        self.report_unknown_volumes().await
    }

    async fn report_unknown_volumes(&self) -> Result<()> {
        let mut unknown = BTreeSet::<WorkspaceId>::new();
        for id in self.parts.volumes.list().await? {
            if self.parts.store.get(&id).await?.is_none() {
                unknown.insert(id);
            }
        }
        for id in unknown {
            warn!(workspace = %id, "kept the files of a workspace that no record knows");
        }
        Ok(())
    }
}
