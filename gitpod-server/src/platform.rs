//! The platform as a value: create, start, watch, enter, stop and delete workspaces.

use std::sync::Arc;

use futures::stream::BoxStream;
use gitpod_content::{ContextResolver, DiskUsage, Room};
use gitpod_core::access::{self, Action, Principal, Resource};
use gitpod_core::class::WorkspaceClass;
use gitpod_core::context::Hosts;
use gitpod_core::store::{IdentityStore, Query, WorkspaceStore};
use gitpod_core::workspace::{ContentState, Event, Phase, Sequence, Workspace};
use gitpod_core::{Clock, Error, ErrorKind, OrganizationId, Result, UserId, WorkspaceId};
use gitpod_ide::Ide;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::reconcile::{Driver, Parts, workspace_url};

mod builder;
mod configuration;
mod context;
mod create;
mod entry;
mod in_memory;
mod lifecycle;
mod ports;
mod request;
mod router;
mod running;
mod sharing;
pub(crate) mod subscription;
mod variables;
mod waiting;

pub use builder::PlatformBuilder;
pub use in_memory::DEMO_REPOSITORY;
pub use request::{CreateWorkspace, ParsedContext, StartOptions};
#[cfg(all(feature = "sandbox", feature = "git", feature = "sqlite"))]
pub(crate) use router::pages;
pub use running::Running;
pub use variables::VariableChange;

/// Owns what the embedding program itself creates ([`Principal::System`]).
pub const SYSTEM_USER: UserId = UserId::from_uuid(Uuid::nil());
/// The organization of [`SYSTEM_USER`].
pub const SYSTEM_ORGANIZATION: OrganizationId = OrganizationId::from_uuid(Uuid::nil());

/// The platform. Cheap to clone; all clones are one platform.
#[derive(Debug, Clone)]
pub struct Platform {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    driver: Arc<Driver>,
    resolver: Arc<dyn ContextResolver>,
    hosts: Hosts,
}

impl Platform {
    /// Assembles a platform.
    pub fn builder() -> PlatformBuilder {
        PlatformBuilder::default()
    }

    fn assemble(parts: Parts, resolver: Arc<dyn ContextResolver>, hosts: Hosts) -> Self {
        Self {
            inner: Arc::new(Inner {
                driver: Arc::new(Driver::new(parts)),
                resolver,
                hosts,
            }),
        }
    }

    /// Sets the platform to work: what was under way when the last one over the same parts ended is finished, and from now on
    /// every workspace is driven to where its owner wants it.
    ///
    /// # Behavior
    /// Needs a tokio runtime. Call it once; without it workspaces are only recorded.
    pub fn spawn(&self) -> Running {
        let stop = CancellationToken::new();
        let driver = Arc::clone(&self.inner.driver);
        let session = driver.begin_session();
        let task = tokio::spawn(driver.run(stop.clone(), running::GRACE));
        Running {
            stop,
            session,
            driver: Some(task),
        }
    }

    /// One workspace.
    ///
    /// # Errors
    /// `NotFound`, also for those that `by` may not see.
    pub async fn get(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        self.visible(by, id, Action::ReadWorkspace).await
    }

    /// The workspaces that `by` may see.
    ///
    /// # Behavior
    /// A user who is no administrator sees their own, whatever owner the query names.
    ///
    /// # Errors
    /// `Unauthenticated`; the store cannot be read.
    pub async fn list(&self, by: &Principal, mut query: Query) -> Result<Vec<Workspace>> {
        if !access::may(by, Action::ListAllWorkspaces, Resource::Installation).allowed {
            let (id, organization) = context::identity(by)?;
            let account = Resource::User { id, organization };
            check(by, Action::ListWorkspaces, account)?;
            query.owner = Some(id);
        }
        self.store().list(&query).await
    }

    /// Events after `after`, then new ones as they happen, without gap or repeat. Only those `by` may see.
    ///
    /// # Errors
    /// The stream ends with `FailedPrecondition` when events after its position were removed (the newest
    /// [`events_kept`](gitpod_core::workspace::timeout::Policy::events_kept) of each workspace stay): take
    /// [`last_sequence`](Self::last_sequence), read the workspaces anew, and subscribe from there.
    pub fn subscribe(&self, by: &Principal, after: Sequence) -> BoxStream<'static, Result<Event>> {
        subscription::subscribe(Arc::clone(self.store()), by.clone(), after)
    }

    /// The newest event's position.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn last_sequence(&self) -> Result<Sequence> {
        self.store().last_sequence().await
    }

    /// The newest events of a workspace, newest first.
    ///
    /// # Errors
    /// `NotFound`, also for those that `by` may not see.
    pub async fn history(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        limit: usize,
    ) -> Result<Vec<Event>> {
        self.visible(by, id, Action::ReadWorkspace).await?;
        self.store().history(id, limit).await
    }

    /// The record, unchecked: for the proxy, which decides by owner token and port visibility.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn record(&self, id: &WorkspaceId) -> Result<Option<Workspace>> {
        self.store().get(id).await
    }

    /// The editors that users may choose.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub async fn editors(&self) -> Result<Vec<Ide>> {
        self.inner.driver.parts.ides.list().await
    }

    /// The classes that users may choose.
    pub fn classes(&self) -> &[WorkspaceClass] {
        &self.inner.driver.parts.classes
    }

    /// Where users, tokens and sessions are.
    pub fn identities(&self) -> &Arc<dyn IdentityStore> {
        &self.inner.driver.parts.identities
    }

    /// Where the records are.
    pub fn store(&self) -> &Arc<dyn WorkspaceStore> {
        &self.inner.driver.parts.store
    }

    /// The platform's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.driver.parts.clock
    }

    /// Where browsers reach the platform.
    pub fn public_url(&self) -> &Url {
        &self.inner.driver.parts.public_url
    }

    /// Where browsers reach a workspace: `http://<id>.ws.<host>[:port]`.
    pub fn workspace_url(&self, id: &WorkspaceId) -> String {
        workspace_url(self.public_url(), id)
    }

    /// When a running workspace stops by itself, if nobody comes back: for people.
    pub fn stops_at(&self, workspace: &Workspace) -> Option<gitpod_core::Timestamp> {
        self.inner.driver.stops_at(workspace)
    }

    /// What a workspace uses of its disk; `None` when that is not limited, or not in use.
    ///
    /// # Errors
    /// `NotFound`, also for those that `by` may not see; the disk cannot be asked.
    pub async fn disk_usage(&self, by: &Principal, id: &WorkspaceId) -> Result<Option<DiskUsage>> {
        let workspace = self.visible(by, id, Action::ReadWorkspace).await?;
        match workspace.status.phase {
            Phase::Stopping | Phase::Stopped => Ok(None),
            _ => self.inner.driver.parts.volumes.usage(id).await,
        }
    }

    /// What is left of the disk that all workspaces share; `None` when there is no such thing.
    ///
    /// # Errors
    /// The disk cannot be asked.
    pub async fn room(&self) -> Result<Option<Room>> {
        self.inner.driver.parts.volumes.room().await
    }

    /// The workspace, if `by` may do `action` with it.
    async fn visible(&self, by: &Principal, id: &WorkspaceId, action: Action) -> Result<Workspace> {
        let workspace = self.record(id).await?;
        let workspace = workspace
            .filter(|workspace| workspace.status.content != ContentState::Deleted)
            .ok_or_else(|| lifecycle::unknown(id))?;
        let resource = Resource::from(&workspace);
        // Who may not even see it shall not learn that it exists.
        if !access::may(by, Action::ReadWorkspace, resource).allowed {
            return Err(match by {
                Principal::Anonymous => {
                    Error::new(ErrorKind::Unauthenticated, "nobody is signed in")
                }
                _ => lifecycle::unknown(id),
            });
        }
        check(by, action, resource)?;
        Ok(workspace)
    }
}

fn check(by: &Principal, action: Action, resource: Resource<'_>) -> Result<()> {
    let decision = access::may(by, action, resource);
    if decision.allowed {
        return Ok(());
    }
    let kind = match by {
        Principal::Anonymous => ErrorKind::Unauthenticated,
        _ => ErrorKind::PermissionDenied,
    };
    Err(Error::new(kind, decision.reason.to_string()))
}
