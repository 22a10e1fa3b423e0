//! What the proxy needs to know about a workspace, and for how long it believes it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use gitpod_core::port::{Protocol, Visibility, is_reserved};
use gitpod_core::workspace::{Phase, Workspace};
use gitpod_core::{InstanceId, Result, Secret, WorkspaceId};
use std::sync::Arc;
use tokio::time::Instant;

use crate::Platform;

/// How long a route is believed: so long may a port that was just made private stay open.
const FRESH: Duration = Duration::from_millis(250);

/// How many routes are kept; beyond it the stale ones go.
const KEPT: usize = 1024;

/// Where the supervisor of every instance answers.
pub(crate) const SUPERVISOR_PORT: u16 = 22_999;

/// Where the editor of every instance answers.
pub(crate) const EDITOR_PORT: u16 = 23_000;

/// Where a workspace is, and who may reach it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) instance: Option<InstanceId>,
    pub(crate) phase: Phase,
    pub(crate) owner_token: Secret<String>,
    /// That of guests; empty unless the workspace is shared.
    pub(crate) guest_token: Secret<String>,
    ports: Vec<(u16, u16, Visibility, Protocol)>,
}

impl Route {
    pub(crate) fn of(workspace: &Workspace) -> Self {
        let instance = workspace.status.instance.as_ref();
        // What is observed (and perhaps changed by the owner) wins over what the repository asked for.
        let observed = instance
            .into_iter()
            .flat_map(|instance| &instance.ports)
            .map(|p| (p.port, p.port, p.visibility, p.protocol));
        let configured = workspace
            .spec
            .ports
            .iter()
            .map(|p| (p.start, p.end, p.visibility, p.protocol));
        Self {
            instance: instance.map(|instance| instance.id),
            phase: workspace.status.phase,
            owner_token: instance
                .map_or_else(Secret::default, |instance| instance.owner_token.clone()),
            guest_token: workspace.guest_token.clone().unwrap_or_default(),
            ports: observed.chain(configured).collect(),
        }
    }

    /// Who may reach a port. Ports of ours (supervisor, editor, SSH, their debug twins) are never public, whatever a repository
    /// says: whoever reaches them has a shell.
    pub(crate) fn visibility(&self, port: u16) -> Visibility {
        match self.port(port) {
            Some((visibility, _)) if !is_reserved(port) => visibility,
            _ => Visibility::Private,
        }
    }

    /// What the port speaks.
    pub(crate) fn protocol(&self, port: u16) -> Protocol {
        self.port(port)
            .map_or(Protocol::Http, |(_, protocol)| protocol)
    }

    /// Whether connections may be tried: from when its supervisor may answer until its last process ends.
    pub(crate) fn is_reachable(&self) -> bool {
        match self.phase {
            Phase::Initializing | Phase::Running | Phase::Interrupted | Phase::Stopping => {
                self.instance.is_some()
            }
            Phase::Preparing
            | Phase::Building
            | Phase::Pending
            | Phase::Creating
            | Phase::Stopped => false,
        }
    }

    fn port(&self, port: u16) -> Option<(Visibility, Protocol)> {
        self.ports
            .iter()
            .find(|(start, end, ..)| (*start..=*end).contains(&port))
            .map(|(_, _, visibility, protocol)| (*visibility, *protocol))
    }
}

/// The routes, read from the platform's records when needed.
#[derive(Debug)]
pub(crate) struct Routes {
    platform: Platform,
    known: Mutex<HashMap<WorkspaceId, (Instant, Arc<Route>)>>,
}

impl Routes {
    pub(crate) fn new(platform: Platform) -> Self {
        Self {
            platform,
            known: Mutex::default(),
        }
    }

    /// The route to a workspace, as it was at most [`FRESH`] ago; `None` when there is none, or it was deleted.
    pub(crate) async fn find(&self, id: &WorkspaceId) -> Result<Option<Arc<Route>>> {
        let now = Instant::now();
        if let Some((at, route)) = self.lock().get(id)
            && now.duration_since(*at) < FRESH
        {
            return Ok(Some(Arc::clone(route)));
        }
        self.read(id).await
    }

    /// The route to a workspace as it is now.
    pub(crate) async fn read(&self, id: &WorkspaceId) -> Result<Option<Arc<Route>>> {
        let now = Instant::now();
        let Some(record) = self.platform.record(id).await? else {
            return Ok(None);
        };
        if matches!(
            record.desired,
            gitpod_core::workspace::Desired::Deleted { .. }
        ) {
            return Ok(None);
        }
        let route = Arc::new(Route::of(&record));
        let mut known = self.lock();
        if known.len() >= KEPT {
            known.retain(|_, (at, _)| now.duration_since(*at) < FRESH);
        }
        known.insert(id.clone(), (now, Arc::clone(&route)));
        Ok(Some(route))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, (Instant, Arc<Route>)>> {
        // A panic elsewhere cannot leave the map half-written.
        self.known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use gitpod_core::port::{PortSpec, ServedPort};
    use gitpod_core::workspace::{ContextRecord, InstanceStatus, NewWorkspace};
    use gitpod_core::{OrganizationId, Timestamp, UserId};

    use super::*;

    fn workspace() -> Workspace {
        let mut spec = NewWorkspace::new(
            UserId::random(),
            OrganizationId::random(),
            ContextRecord::new("https://git.example/o/r"),
        );
        let mut range = PortSpec::new(3000);
        range.end = 3999;
        range.visibility = Visibility::Public;
        let mut every = PortSpec::new(1);
        every.end = u16::MAX;
        every.visibility = Visibility::Public;
        spec.ports = vec![range, every];
        let id = WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap();
        Workspace::new(id, spec, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_is_observed_wins_over_what_is_configured() {
        let mut workspace = workspace();
        let mut instance = InstanceStatus::new(
            InstanceId::random(),
            Secret::from("t"),
            Timestamp::UNIX_EPOCH,
        );
        instance.ports = vec![ServedPort::new(3001, true, &PortSpec::new(3001))];
        workspace.status.instance = Some(instance);
        let route = Route::of(&workspace);
        assert_eq!(route.visibility(3000), Visibility::Public);
        assert_eq!(route.visibility(3001), Visibility::Private);
    }

    #[test]
    fn a_repository_cannot_make_our_own_ports_public() {
        let route = Route::of(&workspace());
        for port in [SUPERVISOR_PORT, EDITOR_PORT, 23_001, 24_999, 25_000] {
            assert_eq!(route.visibility(port), Visibility::Private, "{port}");
        }
        assert_eq!(route.visibility(80), Visibility::Public);
    }

    #[test]
    fn a_workspace_that_never_ran_is_not_reachable() {
        let route = Route::of(&workspace());
        assert!(!route.is_reachable() && route.owner_token.expose().is_empty());
    }
}
