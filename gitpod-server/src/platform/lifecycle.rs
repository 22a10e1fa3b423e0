use gitpod_core::access::{Action, Principal};
use gitpod_core::workspace::{Desired, EventKind, Phase, StopReason, Workspace, begin};
use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};

use super::{Platform, StartOptions};
use crate::entropy::{instance_id, owner_token};

/// Rounds of one change, when others keep on changing the record.
const CONFLICTS: usize = 20;

impl Platform {
    /// Starts a stopped workspace; a running one stays as it is, one that is being stopped starts again afterwards.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`.
    pub async fn start(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        self.start_with(by, id, StartOptions::default()).await
    }

    /// As [`Platform::start`], with another editor or class from now on.
    ///
    /// # Errors
    /// `InvalidInput` for an editor or class that this server does not have; `FailedPrecondition` for another one than that of
    /// a workspace that is not stopped.
    pub async fn start_with(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        options: StartOptions,
    ) -> Result<Workspace> {
        self.visible(by, id, Action::StartWorkspace).await?;
        let class = options.class.as_deref();
        let class = class.map(|class| self.known_class(class)).transpose()?;
        let editor = match options.editor {
            Some(editor) => Some(self.known_editor(editor).await?),
            None => None,
        };
        self.change(id, |workspace| {
            let current = workspace.status.instance.as_ref().map(|i| i.id);
            let stopped = workspace.status.phase == Phase::Stopped;
            let spec = &mut workspace.spec;
            let changes = class.as_ref().is_some_and(|class| *class != spec.class)
                || (editor.is_some() && editor != spec.editor);
            if changes && !stopped {
                return Err(not_stopped(id));
            }
            if let Some(class) = &class {
                spec.class.clone_from(class);
            }
            if editor.is_some() {
                spec.editor.clone_from(&editor);
            }
            match workspace.desired {
                Desired::Deleted { .. } => return Err(unknown(id)),
                // It runs, or will: either this very instance, or one that waits for the last one's end.
                Desired::Running(wanted) if !stopped || current != Some(wanted) => return Ok(None),
                Desired::Running(_) | Desired::Stopped(_) => {}
            }
            let entropy = &*self.inner.driver.parts.entropy;
            let instance = instance_id(entropy);
            if !stopped {
                workspace.desired = Desired::Running(instance);
                // The driver begins it once the last one is gone.
                return Ok(Some(vec![EventKind::Updated]));
            }
            begin(
                workspace,
                instance,
                owner_token(entropy),
                self.clock().now(),
            );
            Ok(Some(vec![
                EventKind::StartRequested { instance },
                EventKind::PhaseChanged {
                    from: Phase::Stopped,
                    to: Phase::Preparing,
                },
            ]))
        })
        .await
    }

    /// Asks a workspace to stop; its files stay.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`.
    pub async fn stop(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        self.visible(by, id, Action::StopWorkspace).await?;
        self.change(id, |workspace| match workspace.desired {
            Desired::Deleted { .. } => Err(unknown(id)),
            Desired::Stopped(_) => Ok(None),
            Desired::Running(_) => {
                let reason = StopReason::Requested;
                workspace.desired = Desired::Stopped(reason);
                Ok(Some(vec![EventKind::StopRequested { reason }]))
            }
        })
        .await
    }

    /// Deletes a workspace (stops it first); its files go after the grace time of a deletion.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`.
    pub async fn delete(&self, by: &Principal, id: &WorkspaceId) -> Result<()> {
        self.visible(by, id, Action::DeleteWorkspace).await?;
        let at = self.clock().now();
        self.change(id, |workspace| match workspace.desired {
            Desired::Deleted { .. } => Ok(None),
            Desired::Running(_) | Desired::Stopped(_) => {
                workspace.desired = Desired::Deleted { at };
                Ok(Some(vec![EventKind::Deleted]))
            }
        })
        .await
        .map(drop)
    }

    /// Renames or pins a workspace; `None` leaves as is.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`; `InvalidInput` for a name that is too long.
    pub async fn update(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        name: Option<String>,
        pinned: Option<bool>,
    ) -> Result<Workspace> {
        const LONGEST: usize = 250;
        if name
            .as_ref()
            .is_some_and(|name| name.chars().count() > LONGEST)
        {
            return Err(Error::invalid("the name is too long")
                .with_hint(format!("use at most {LONGEST} characters")));
        }
        self.visible(by, id, Action::UpdateWorkspace).await?;
        self.change(id, |workspace| {
            let before = (workspace.name.clone(), workspace.pinned);
            if let Some(name) = &name {
                workspace.name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
            }
            workspace.pinned = pinned.unwrap_or(workspace.pinned);
            let changed = before != (workspace.name.clone(), workspace.pinned);
            Ok(changed.then(|| vec![EventKind::Updated]))
        })
        .await
    }

    /// Changes a record by compare-and-swap; `None` of `f` leaves it as it is.
    pub(super) async fn change(
        &self,
        id: &WorkspaceId,
        f: impl Fn(&mut Workspace) -> Result<Option<Vec<EventKind>>>,
    ) -> Result<Workspace> {
        for _ in 0..CONFLICTS {
            let mut workspace = self.record(id).await?.ok_or_else(|| unknown(id))?;
            let expected = workspace.generation;
            let Some(events) = f(&mut workspace)? else {
                return Ok(workspace);
            };
            match self.store().put(&workspace, expected, &events).await {
                Ok(generation) => {
                    workspace.generation = generation;
                    self.inner.driver.wrote(id, generation);
                    return Ok(workspace);
                }
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Err(
            Error::new(ErrorKind::Conflict, "others keep on changing the workspace")
                .with_context("workspace", id)
                .with_hint("try again"),
        )
    }
}

fn not_stopped(id: &WorkspaceId) -> Error {
    Error::new(
        ErrorKind::FailedPrecondition,
        "editor and class change while the workspace is stopped",
    )
    .with_context("workspace", id)
    .with_hint(format!("stop it first: `gitpod workspace stop {id}`"))
}

pub(super) fn unknown(id: &WorkspaceId) -> Error {
    Error::not_found("no such workspace")
        .with_context("workspace", id)
        .with_hint("`gitpod workspace list` shows yours")
}
