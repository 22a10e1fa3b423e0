use std::sync::Arc;

use futures::StreamExt as _;
use gitpod_core::workspace::{
    Action, EffectError, EffectKind, SupervisorFacts, UserActivity, Workspace,
};
use gitpod_core::{Chain, InstanceId, Result, WorkspaceId};
use tracing::warn;

use super::Driver;
use super::execute::{Brought, Keep};

/// Effects run beside each other and beside the rounds; each ends with a hint.
impl Driver {
    pub(super) fn begin_effect(
        self: &Arc<Self>,
        workspace: &Arc<Workspace>,
        effect: EffectKind,
        action: Action,
    ) {
        let now = self.parts.clock.now();
        let id = workspace.id.clone();
        let instance = self.with_slot(&id, |slot| {
            slot.effects.begin(effect, now);
            slot.instance
        });
        let (driver, workspace) = (Arc::clone(self), Arc::clone(workspace));
        let task = self.spawn(async move {
            let result = driver.execute(&workspace, &action).await;
            driver.end_effect(&workspace.id, instance, effect, result);
        });
        self.with_slot(&id, |slot| {
            if slot.effects.is_running(effect) {
                slot.under_way.insert(effect, task);
            }
        });
    }

    fn end_effect(
        &self,
        id: &WorkspaceId,
        instance: Option<InstanceId>,
        effect: EffectKind,
        result: Result<Brought>,
    ) {
        let now = self.parts.clock.now();
        if let Err(error) = &result {
            warn!(workspace = %id, ?effect, error = %Chain(error), "effect failed");
        }
        self.with_slot(id, |slot| {
            if let EffectKind::RemoveStray(stray) = effect
                && result.is_ok()
            {
                slot.strays.retain(|known| *known != stray);
                slot.effects.forget(effect);
            }
            if slot.instance != instance {
                return;
            }
            slot.under_way.remove(&effect);
            let outcome = result.map(|brought| {
                match brought.keep {
                    Keep::Nothing => {}
                    Keep::Image(image) => slot.prepared.image = Some(image),
                    Keep::Editor(editor) => slot.prepared.editor = Some(editor),
                    Keep::Volume(volume) => slot.prepared.volume = Some(volume),
                }
                brought.outcome
            });
            if !matches!(effect, EffectKind::RemoveStray(_)) || outcome.is_err() {
                slot.effects
                    .end(effect, now, outcome.map_err(|e| EffectError::from(&e)));
            }
        });
        self.poke(id);
    }

    pub(super) fn cancel(&self, id: &WorkspaceId, effect: EffectKind) {
        let task = self.with_slot(id, |slot| {
            slot.effects.forget(effect);
            slot.under_way.remove(&effect)
        });
        if let Some(task) = task {
            task.abort();
        }
        self.poke(id);
    }

    /// An instance cannot pretend to a sign in the future, nor to one from before it was made: its time is measured here.
    fn hear_activity(&self, id: &WorkspaceId, activity: UserActivity) {
        let now = self.parts.clock.now();
        let at = now.saturating_sub(activity.idle).unwrap_or(now);
        self.note_activity_at(id, at, false);
    }

    pub(super) fn watch_supervisor(self: &Arc<Self>, id: &WorkspaceId, wanted: Option<InstanceId>) {
        let watching = self.with_slot(id, |slot| {
            if wanted.is_none()
                && let Some(watcher) = slot.watcher.take()
            {
                watcher.abort();
            }
            slot.watcher.is_some()
        });
        let (Some(instance), false) = (wanted, watching) else {
            return;
        };
        let mut said = self.parts.supervision.watch(instance);
        let (driver, workspace) = (Arc::clone(self), id.clone());
        let task = self.spawn(async move {
            let mut told = SupervisorFacts::default();
            while let Some(facts) = said.next().await {
                if let Some(activity) = facts.activity.filter(|now| told.activity != Some(*now)) {
                    driver.hear_activity(&workspace, activity);
                }
                // Signs of a user move a timer; nothing has to be decided at once because of them.
                let only_activity = SupervisorFacts {
                    activity: facts.activity,
                    ..told
                } == facts;
                told = facts.clone();
                driver.with_slot(&workspace, |slot| {
                    if slot.instance == Some(instance) {
                        slot.supervisor = Some(facts);
                    }
                });
                if !only_activity {
                    driver.poke(&workspace);
                }
            }
        });
        self.with_slot(id, |slot| slot.watcher = Some(task));
    }
}
