use std::sync::Arc;
use std::time::Duration;

use gitpod_core::Chain;
use gitpod_core::workspace::Workspace;
use tracing::debug;

use super::Driver;
use crate::supervision::ShownPorts;

/// Between two tries to tell a supervisor.
const PAUSE: Duration = Duration::from_secs(2);

impl Driver {
    /// Has the supervisor show what the owner chose for ports, if it does not yet. A server that was started anew tells it again.
    pub(super) fn show_ports(self: &Arc<Self>, workspace: &Workspace) {
        let Some(status) = &workspace.status.instance else {
            return;
        };
        let (instance, choices) = (status.id, status.port_choices.clone());
        let is_news = self.with_slot(&workspace.id, |slot| {
            let is_news = slot.instance == Some(instance) && slot.shown != choices;
            if is_news {
                slot.shown.clone_from(&choices);
            }
            is_news
        });
        if !is_news {
            return;
        }
        let shown = ShownPorts {
            generation: workspace.generation,
            choices,
        };
        let (driver, id) = (Arc::clone(self), workspace.id.clone());
        self.spawn(async move {
            let supervision = Arc::clone(&driver.parts.supervision);
            while let Err(error) = supervision.show_ports(instance, shown.clone()).await {
                debug!(workspace = %id, error = %Chain(&error), "cannot show ports, trying again");
                tokio::time::sleep(PAUSE).await;
                let is_over = driver.with_slot(&id, |slot| {
                    slot.instance != Some(instance)
                        || slot.shown != shown.choices
                        || slot.watcher.is_none()
                });
                if is_over {
                    return;
                }
            }
        });
    }
}
