use futures::StreamExt as _;
use gitpod_core::access::Principal;
use gitpod_core::workspace::{Phase, Workspace};
use gitpod_core::{Error, ErrorKind, Result, WorkspaceId};

use super::Platform;

impl Platform {
    /// Waits until the workspace runs: its tasks run and its editor answers.
    ///
    /// # Behavior
    /// Needs a platform at work ([`Platform::spawn`]). There is no limit of its own; starts have limits, so it ends either
    /// way.
    ///
    /// # Errors
    /// `FailedPrecondition` when it stopped instead, with the reason and what to do about it; those of [`Platform::get`].
    ///
    /// # Cancellation
    /// Only the waiting ends.
    pub async fn wait_until_running(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        self.wait(by, id, |workspace| match workspace.status.phase {
            Phase::Running => Some(Ok(())),
            Phase::Stopped => Some(Err(stopped(workspace))),
            _ => None,
        })
        .await
    }

    /// Waits until nothing of the workspace runs any more and its files are safe.
    ///
    /// # Errors
    /// Those of [`Platform::get`].
    ///
    /// # Cancellation
    /// Only the waiting ends.
    pub async fn wait_until_stopped(&self, by: &Principal, id: &WorkspaceId) -> Result<Workspace> {
        self.wait(by, id, |workspace| {
            (workspace.status.phase == Phase::Stopped).then_some(Ok(()))
        })
        .await
    }

    async fn wait(
        &self,
        by: &Principal,
        id: &WorkspaceId,
        verdict: impl Fn(&Workspace) -> Option<Result<()>>,
    ) -> Result<Workspace> {
        // Subscribed to before the record is read: a change in between is an event.
        let mut events = self.subscribe(by, self.last_sequence().await?);
        loop {
            let workspace = self.get(by, id).await?;
            if let Some(verdict) = verdict(&workspace) {
                return verdict.map(|()| workspace);
            }
            while events.next().await.ok_or_else(|| ended(id))??.workspace != *id {}
        }
    }
}

fn ended(id: &WorkspaceId) -> Error {
    Error::new(ErrorKind::Unavailable, "the platform ended").with_context("workspace", id)
}

fn stopped(workspace: &Workspace) -> Error {
    let error = |message: &str| {
        Error::new(ErrorKind::FailedPrecondition, message).with_context("workspace", &workspace.id)
    };
    let instance = workspace.status.instance.as_ref();
    match instance.and_then(|instance| instance.failure.as_ref()) {
        None => error("the workspace stopped before it ran")
            .with_hint("somebody stopped it; start it again"),
        Some(failure) => {
            let error = error(&failure.message);
            match &failure.hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        }
    }
}
