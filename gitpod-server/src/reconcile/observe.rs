use gitpod_core::workspace::{
    EffectKind, Facts, InstanceFact, Phase, VolumeFact, Workspace, plan::needs_attention,
};
use gitpod_core::{Chain, InstanceId, WorkspaceId};
use tracing::warn;

use super::Driver;
use crate::entropy::owner_token;

impl Driver {
    /// Everything a decision about the workspace rests on.
    ///
    /// The memory of effects is read before the world is: an effect that counts as done has had its say there.
    pub(super) async fn observe(&self, workspace: &Workspace) -> Facts {
        let current = workspace.status.instance.as_ref().map(|i| i.id);
        let mut facts = Facts::new(self.parts.clock.now());
        self.with_slot(&workspace.id, |slot| {
            slot.turn_to(current);
            facts.effects = slot.effects.clone();
            facts.supervisor.clone_from(&slot.supervisor);
            // Found with an older record in hand, the current instance may look like one.
            slot.strays.retain(|stray| Some(*stray) != current);
            facts.strays.clone_from(&slot.strays);
            facts.last_activity = slot.activity.last;
            facts.closed_at = slot.activity.closed;
        });
        facts.token = owner_token(&*self.parts.entropy);
        if needs_attention(workspace)
            && let Some(instance) = current
        {
            self.remember_instance(instance, &workspace.id);
            (facts.instance, facts.memory_kills) = self.observe_instance(instance).await;
            facts.memory_limit = self
                .resources(workspace)
                .ok()
                .and_then(|resources| resources.memory_bytes);
        }
        if wants_volume(workspace, &facts) {
            facts.volume = self.observe_volume(&workspace.id).await;
        }
        facts
    }

    /// The instance, and how many of its processes were killed for memory.
    async fn observe_instance(&self, instance: InstanceId) -> (InstanceFact, u64) {
        match self.parts.runtime.inspect(instance).await {
            Ok(None) => (InstanceFact::Absent, 0),
            Ok(Some(state)) => (
                InstanceFact::from_phase(&state.phase, state.started_at),
                state.memory_kills,
            ),
            Err(error) => {
                warn!(%instance, error = %Chain(&error), "cannot inspect the instance");
                (InstanceFact::Unreachable(Chain(&error).to_string()), 0)
            }
        }
    }

    async fn observe_volume(&self, id: &WorkspaceId) -> VolumeFact {
        match self.parts.volumes.inspect(id).await {
            Ok(None) => VolumeFact::Absent,
            Ok(Some(volume)) if volume.initialized => VolumeFact::Complete,
            Ok(Some(_)) => VolumeFact::Incomplete,
            Err(error) => {
                warn!(workspace = %id, error = %Chain(&error), "cannot inspect the volume");
                VolumeFact::Unknown
            }
        }
    }
}

/// The volume matters until an instance runs on it; while it is being filled it says nothing.
fn wants_volume(workspace: &Workspace, facts: &Facts) -> bool {
    let starting = matches!(
        workspace.status.phase,
        Phase::Preparing | Phase::Building | Phase::Pending | Phase::Creating
    );
    starting
        && facts.instance == InstanceFact::Absent
        && !facts.effects.is_running(EffectKind::Content)
}
