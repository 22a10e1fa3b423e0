//! Letting others in.

use gitpod_core::access::{Action, Principal};
use gitpod_core::workspace::{EventKind, Workspace};
use gitpod_core::{Result, WorkspaceId};

use super::Platform;
use crate::entropy::owner_token;

impl Platform {
    /// Lets every user of the installation who knows its address into the workspace, or nobody but its owner any more.
    ///
    /// # Behavior
    /// Guests get a secret of their own, never the owner's. When sharing ends, it opens nothing any more, and the proxy cuts off
    /// everybody who came in with it; shared again, there is another one.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied`.
    pub async fn share(&self, by: &Principal, id: &WorkspaceId, shared: bool) -> Result<Workspace> {
        self.visible(by, id, Action::ShareWorkspace).await?;
        let entropy = &*self.inner.driver.parts.entropy;
        self.change(id, |workspace| {
            if workspace.guest_token.is_some() == shared {
                return Ok(None);
            }
            workspace.guest_token = shared.then(|| owner_token(entropy));
            Ok(Some(vec![EventKind::Updated]))
        })
        .await
    }
}

/// Whether the workspace is `by`'s own.
pub(super) fn is_own(by: &Principal, workspace: &Workspace) -> bool {
    match by {
        Principal::System => true,
        _ => by
            .user()
            .is_some_and(|user| user.id == workspace.spec.owner),
    }
}
