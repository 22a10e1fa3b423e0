//! Runtime, content and preparations as a replica sees them: through faults, each effect held against the rules.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use gitpod_content::{InitContext, Initializer, Volume, Volumes};
use gitpod_core::clock::elapsed;
use gitpod_core::content::{ContentSource, InitReport};
use gitpod_core::git::GitStatus;
use gitpod_core::image::{ImageRef, ResolvedImage};
use gitpod_core::instance::{InstancePhase, InstanceSpec, InstanceState};
use gitpod_core::workspace::{Desired, EditorFact, Phase, SupervisorFacts};
use gitpod_core::{Clock as _, InstanceId, Result, WorkspaceId};
use gitpod_image::{HostImages, ImageStore};
use gitpod_runtime::{RuntimeInfo, StopMode, WorkspaceRuntime};
use gitpod_server::supervision::Supervision;

use crate::rules::{Rule, instance};
use crate::schedule::policy;
use crate::world::{Life, Site};

/// Eight characters tell instances apart well enough.
pub(crate) fn short(id: InstanceId) -> String {
    id.to_string()[..8].to_owned()
}

#[derive(Debug)]
pub(crate) struct Runtime(pub(crate) Life);

impl Runtime {
    async fn check_ensured(&self, spec: &InstanceSpec) {
        let world = &self.0.world;
        let all = world.runtime.list().await.unwrap();
        let live = all.iter().filter(|state| {
            state.workspace == spec.workspace && !matches!(state.phase, InstancePhase::Exited(_))
        });
        let live: Vec<_> = live.map(|state| short(state.id)).collect();
        if live.len() > 1 {
            world.break_rule(
                Rule::OneInstance,
                format!("{}: {}", spec.workspace, live.join(", ")),
            );
        }
        let volume = world.volumes.inspect(&spec.workspace).await.unwrap();
        if !volume.is_some_and(|volume| volume.initialized) {
            world.break_rule(Rule::ContentFirst, &spec.workspace);
        }
        self.check_wanted(&spec.workspace, "made").await;
    }

    async fn check_wanted(&self, id: &WorkspaceId, what: &str) {
        let record = self.0.world.record(id).await;
        if record.is_some_and(|record| record.status.phase == Phase::Stopped) {
            self.0.world.break_rule(
                Rule::StoppedIsQuiet,
                format!("an instance of {id} is {what}"),
            );
        }
    }
}

#[async_trait]
impl WorkspaceRuntime for Runtime {
    fn info(&self) -> RuntimeInfo {
        self.0.world.runtime.info()
    }

    async fn ensure(&self, spec: &InstanceSpec) -> Result<()> {
        let effect = async {
            self.0.world.runtime.ensure(spec).await?;
            self.check_ensured(spec).await;
            Ok(())
        };
        let what = || format!("ensure instance {} of {}", short(spec.id), spec.workspace);
        self.0.call(Site::Runtime, what, effect).await
    }

    async fn inspect(&self, id: InstanceId) -> Result<Option<InstanceState>> {
        let effect = self.0.world.runtime.inspect(id);
        self.0
            .call(Site::Runtime, || format!("inspect {}", short(id)), effect)
            .await
    }

    async fn list(&self) -> Result<Vec<InstanceState>> {
        let effect = self.0.world.runtime.list();
        self.0
            .call(Site::Runtime, || String::from("list instances"), effect)
            .await
    }

    async fn stop(&self, id: InstanceId, mode: StopMode) -> Result<()> {
        let effect = self.0.world.runtime.stop(id, mode);
        self.0
            .call(Site::Runtime, || format!("stop {}", short(id)), effect)
            .await
    }

    async fn remove(&self, id: InstanceId) -> Result<()> {
        let effect = self.0.world.runtime.remove(id);
        self.0
            .call(Site::Runtime, || format!("remove {}", short(id)), effect)
            .await
    }

    fn watch(&self) -> BoxStream<'static, InstanceId> {
        let world = Arc::clone(&self.0.world);
        let hints = self.0.world.runtime.watch();
        hints
            .filter(move |_| {
                let lost = world.in_trouble() && world.dice.happens(300);
                async move { !lost }
            })
            .boxed()
    }
}

#[derive(Debug)]
pub(crate) struct Content(pub(crate) Life);

impl Content {
    fn check_quiet(&self, id: &WorkspaceId, what: &str) {
        let world = &self.0.world;
        if world.quiet.load(std::sync::atomic::Ordering::Relaxed) {
            world.break_rule(Rule::StoppedIsQuiet, format!("{what} of {id}"));
        }
    }

    async fn check_removed(&self, id: &WorkspaceId) {
        let world = &self.0.world;
        let Some(record) = world.record(id).await else {
            return; // purged: nobody may miss it
        };
        let given_up = match record.desired {
            Desired::Deleted { at } => elapsed(at, world.clock.now()) >= policy().deletion_grace,
            Desired::Running(_) | Desired::Stopped(_) => false,
        };
        if !given_up {
            world.break_rule(
                Rule::ContentKept,
                format!("{id} is removed, {:?}", record.desired),
            );
        }
    }
}

#[async_trait]
impl Volumes for Content {
    async fn ensure(&self, workspace: &WorkspaceId, disk: Option<u64>) -> Result<Volume> {
        self.check_quiet(workspace, "ensure volume");
        let effect = self.0.world.volumes.ensure(workspace, disk);
        self.0
            .call(
                Site::Content,
                || format!("ensure volume of {workspace}"),
                effect,
            )
            .await
    }

    async fn inspect(&self, workspace: &WorkspaceId) -> Result<Option<Volume>> {
        let effect = self.0.world.volumes.inspect(workspace);
        self.0
            .call(
                Site::Content,
                || format!("inspect volume of {workspace}"),
                effect,
            )
            .await
    }

    async fn mark_initialized(&self, workspace: &WorkspaceId) -> Result<()> {
        let effect = self.0.world.volumes.mark_initialized(workspace);
        self.0
            .call(
                Site::Content,
                || format!("volume of {workspace} is complete"),
                effect,
            )
            .await
    }

    async fn release(&self, workspace: &WorkspaceId) -> Result<()> {
        self.check_quiet(workspace, "release volume");
        let effect = self.0.world.volumes.release(workspace);
        self.0
            .call(
                Site::Content,
                || format!("release volume of {workspace}"),
                effect,
            )
            .await
    }

    async fn remove(&self, workspace: &WorkspaceId) -> Result<()> {
        let effect = async {
            self.check_removed(workspace).await;
            self.0.world.volumes.remove(workspace).await
        };
        self.0
            .call(
                Site::Content,
                || format!("remove volume of {workspace}"),
                effect,
            )
            .await
    }

    async fn list(&self) -> Result<Vec<WorkspaceId>> {
        let effect = self.0.world.volumes.list();
        self.0
            .call(Site::Content, || String::from("list volumes"), effect)
            .await
    }
}

#[async_trait]
impl Initializer for Content {
    async fn init(
        &self,
        volume: &Volume,
        source: &ContentSource,
        context: &InitContext,
    ) -> Result<InitReport> {
        let world = &self.0.world;
        let id = &volume.workspace;
        let effect = async {
            let there = world.volumes.inspect(id).await?;
            if there.is_some_and(|volume| volume.initialized) {
                world.break_rule(
                    Rule::ContentKept,
                    format!("{id} is filled over its content"),
                );
            }
            if world
                .record(id)
                .await
                .is_some_and(|record| record.status.ever_ran)
            {
                world.break_rule(Rule::ContentKept, format!("{id} ran, and is filled anew"));
            }
            world.repositories.init(volume, source, context).await
        };
        self.0
            .call(Site::Preparation, || format!("fill volume of {id}"), effect)
            .await
    }

    async fn git_status(&self, volume: &Volume, location: &str) -> Result<Option<GitStatus>> {
        self.check_quiet(&volume.workspace, "git status");
        let effect = self.0.world.repositories.git_status(volume, location);
        let id = &volume.workspace;
        self.0
            .call(Site::Preparation, || format!("git status of {id}"), effect)
            .await
    }
}

#[derive(Debug)]
pub(crate) struct Images(pub(crate) Life);

#[async_trait]
impl ImageStore for Images {
    async fn ensure(&self, image: &ImageRef) -> Result<ResolvedImage> {
        let effect = HostImages.ensure(image);
        self.0
            .call(
                Site::Preparation,
                || format!("ensure image {image}"),
                effect,
            )
            .await
    }
}

/// Supervisors that take their time, and sometimes never answer, or say that the editor failed.
#[derive(Debug)]
pub(crate) struct Supervisors(pub(crate) Life);

impl Supervision for Supervisors {
    fn watch(&self, id: InstanceId) -> BoxStream<'static, SupervisorFacts> {
        let world = Arc::clone(&self.0.world);
        stream::once(async move {
            let dice = &world.dice;
            let mut editor = EditorFact {
                ready: true,
                failed: None,
            };
            if world.in_trouble() {
                tokio::time::sleep(dice.pause(Duration::from_secs(5))).await;
                match dice.below(60) {
                    0 => return std::future::pending().await,
                    1 => {
                        editor.ready = false;
                        editor.failed = Some(String::from("injected"));
                    }
                    _ => {}
                }
            }
            world.note(|| format!("editor of {}: ready={}", short(id), editor.ready));
            SupervisorFacts {
                editor,
                ..SupervisorFacts::default()
            }
        })
        .chain(stream::pending())
        .boxed()
    }
}

/// Of the instances that exist, those that live, by workspace.
pub(crate) async fn live(life: &Life) -> Vec<InstanceState> {
    let all = life.world.runtime.list().await.unwrap();
    all.into_iter()
        .filter(|state| !matches!(state.phase, InstancePhase::Exited(_)))
        .collect()
}

/// Whether the record says that this very instance runs.
pub(crate) async fn is_known(life: &Life, state: &InstanceState) -> bool {
    let record = life.world.record(&state.workspace).await;
    record.is_some_and(|record| {
        record.status.phase == Phase::Running && instance(&record) == Some(state.id)
    })
}
