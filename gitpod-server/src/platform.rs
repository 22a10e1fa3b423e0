//! The platform as a value: create, start, watch, enter, stop and delete workspaces.

use std::sync::Arc;

use futures::stream::BoxStream;
use gitpod_core::access::Principal;
use gitpod_core::class::WorkspaceClass;
use gitpod_core::store::{IdentityStore, Query, WorkspaceStore};
use gitpod_core::workspace::{Event, Sequence, Workspace};
use gitpod_core::{Clock, Error, Result, Secret, WorkspaceId};
use gitpod_ide::Ide;
use gitpod_runtime::{BoxedIo, Command, Process};

mod builder;
mod request;

pub use builder::PlatformBuilder;
pub use request::{CreateWorkspace, ParsedContext};

/// The platform. Cheap to clone; all clones are one platform.
#[derive(Debug, Clone)]
pub struct Platform {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {}

fn not_yet<T>() -> Result<T> {
    Err(Error::unsupported("under construction"))
}

#[allow(
    clippy::unused_async,
    clippy::missing_errors_doc,
    reason = "skeleton, replaced by the driver's author"
)]
impl Platform {
    /// Assembles a platform.
    pub fn builder() -> PlatformBuilder {
        PlatformBuilder::default()
    }

    /// Steps 1 to 4: checks access, resolves the URL, reads the configuration, records workspace and first instance. The
    /// driver does the rest; watch it with [`Platform::subscribe`] or poll [`Platform::get`].
    pub async fn create(&self, by: &Principal, request: CreateWorkspace) -> Result<Workspace> {
        let _ = (by, request);
        not_yet()
    }

    /// What [`Platform::create`] would make of a URL.
    pub async fn parse_context(&self, by: &Principal, url: &str) -> Result<ParsedContext> {
        let _ = (by, url);
        not_yet()
    }

    /// Starts a stopped workspace; a running one stays as it is.
    pub async fn start(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        let _ = (by, id);
        not_yet()
    }

    /// Asks a workspace to stop; its files stay.
    pub async fn stop(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        let _ = (by, id);
        not_yet()
    }

    /// Deletes a workspace (stops it first); its files go after the grace time of a deletion.
    pub async fn delete(&self, by: &Principal, id: &WorkspaceId) -> Result<()> {
        let _ = (by, id);
        not_yet()
    }

    /// One workspace.
    pub async fn get(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        let _ = (by, id);
        not_yet()
    }

    /// The workspaces that `by` may see.
    pub async fn list(&self, by: &Principal, query: Query) -> Result<Vec<Workspace>> {
        let _ = (by, query);
        not_yet()
    }

    /// Renames or pins a workspace; `None` leaves as is.
    pub async fn update(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        name: Option<String>,
        pinned: Option<bool>,
    ) -> Result<Workspace> {
        let _ = (by, id, name, pinned);
        not_yet()
    }

    /// Events after `after`, then new ones as they happen, without gap or repeat. Only those `by` may see.
    pub fn subscribe(&self, by: &Principal, after: Sequence) -> BoxStream<'static, Result<Event>> {
        let _ = (by, after);
        Box::pin(futures::stream::empty())
    }

    /// The newest event's position.
    pub async fn last_sequence(&self) -> Result<Sequence> {
        not_yet()
    }

    /// Notes that a user is active in the workspace now.
    pub async fn mark_active(&self, by: &Principal, id: &WorkspaceId) -> Result<()> {
        let _ = (by, id);
        not_yet()
    }

    /// The secret that opens the workspace's current instance. For its owner only.
    pub async fn owner_token(&self, by: &Principal, id: &WorkspaceId) -> Result<Secret<String>> {
        let _ = (by, id);
        not_yet()
    }

    /// Runs a command inside a running workspace.
    pub async fn exec(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        command: &Command,
    ) -> Result<Process> {
        let _ = (by, id, command);
        not_yet()
    }

    /// Connects to a port inside the workspace's running instance. The caller has authorised the request (see `proxy`).
    pub async fn dial(&self, id: &WorkspaceId, port: u16) -> Result<BoxedIo> {
        let _ = (id, port);
        not_yet()
    }

    /// The record, unchecked: for the proxy, which decides by owner token and port visibility.
    pub async fn record(&self, id: &WorkspaceId) -> Result<Option<Workspace>> {
        let _ = id;
        not_yet()
    }

    /// The editors that users may choose.
    pub async fn editors(&self) -> Result<Vec<Ide>> {
        not_yet()
    }

    /// The classes that users may choose.
    pub fn classes(&self) -> &[WorkspaceClass] {
        &[]
    }

    /// Where users, tokens and sessions are.
    pub fn identities(&self) -> &Arc<dyn IdentityStore> {
        unimplemented!("under construction")
    }

    /// Where the records are.
    pub fn store(&self) -> &Arc<dyn WorkspaceStore> {
        unimplemented!("under construction")
    }

    /// The platform's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        unimplemented!("under construction")
    }
}
