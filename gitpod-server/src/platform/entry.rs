use gitpod_core::access::{Action, Principal};
use gitpod_core::workspace::{Phase, Workspace};
use gitpod_core::{Error, ErrorKind, InstanceId, Result, Secret, WorkspaceId};
use gitpod_runtime::{BoxedIo, Command, Process};

use super::Platform;
use super::lifecycle::unknown;
use super::sharing::is_own;

impl Platform {
    /// Notes that a user is active in the workspace now. Cheap: nothing is written at once.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`.
    pub async fn mark_active(&self, by: &Principal, id: &WorkspaceId) -> Result<()> {
        self.visible(by, id, Action::EnterWorkspace).await?;
        self.inner.driver.note_activity(id, false);
        Ok(())
    }

    /// Notes that the user closed the editor: the workspace stops soon unless somebody comes back.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`.
    pub async fn mark_closed(&self, by: &Principal, id: &WorkspaceId) -> Result<()> {
        self.visible(by, id, Action::EnterWorkspace).await?;
        self.inner.driver.note_activity(id, true);
        Ok(())
    }

    /// The secret that opens the workspace's current instance to `by`: the owner's, or, while it is shared, that of guests.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`; `FailedPrecondition` when nothing of it runs.
    pub async fn owner_token(&self, by: &Principal, id: &WorkspaceId) -> Result<Secret<String>> {
        let workspace = self.visible(by, id, Action::EnterWorkspace).await?;
        match (&workspace.status.instance, workspace.status.phase) {
            (Some(instance), phase) if phase != Phase::Stopped => match &workspace.guest_token {
                Some(guest) if !is_own(by, &workspace) => Ok(guest.clone()),
                _ => Ok(instance.owner_token.clone()),
            },
            _ => Err(not_running(&workspace)),
        }
    }

    /// Runs a command inside a running workspace.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`; `FailedPrecondition` when it does not run; and those of the runtime.
    pub async fn exec(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        command: &Command,
    ) -> Result<Process> {
        let workspace = self.visible(by, id, Action::EnterWorkspace).await?;
        let instance = running_instance(&workspace)?;
        self.inner.driver.note_activity(id, false);
        self.inner
            .driver
            .parts
            .runtime
            .exec(instance, command)
            .await
    }

    /// What a task wrote last in the run before, once that is over. `None`: nothing of it is kept.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`; the disk cannot be read.
    pub async fn task_output(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        task: &str,
    ) -> Result<Option<Vec<u8>>> {
        self.visible(by, id, Action::EnterWorkspace).await?;
        match &self.inner.driver.parts.task_logs {
            Some(logs) => logs.read(id, task).await,
            None => Ok(None),
        }
    }

    /// Connects to a port inside the workspace's running instance. The caller has authorised the request (see `proxy`).
    ///
    /// # Errors
    /// `NotFound`; `FailedPrecondition` when it does not run; `Unavailable` when nothing listens on the port.
    pub async fn dial(&self, id: &WorkspaceId, port: u16) -> Result<BoxedIo> {
        let workspace = self.record(id).await?.ok_or_else(|| unknown(id))?;
        let instance = running_instance(&workspace)?;
        self.inner.driver.parts.runtime.dial(instance, port).await
    }
}

/// The instance whose processes run; before the editor answers, too.
fn running_instance(workspace: &Workspace) -> Result<InstanceId> {
    match (&workspace.status.instance, workspace.status.phase) {
        (
            Some(instance),
            Phase::Creating
            | Phase::Initializing
            | Phase::Running
            | Phase::Interrupted
            | Phase::Stopping,
        ) => Ok(instance.id),
        _ => Err(not_running(workspace)),
    }
}

fn not_running(workspace: &Workspace) -> Error {
    Error::new(ErrorKind::FailedPrecondition, "the workspace does not run")
        .with_context("workspace", &workspace.id)
        .with_context("phase", workspace.status.phase.as_str())
        .with_hint(format!(
            "start it: `gitpod workspace start {}`",
            workspace.id
        ))
}
