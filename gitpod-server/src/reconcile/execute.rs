use std::time::Duration;

use gitpod_content::{InitContext, Room, Volume};
use gitpod_core::access::{self, Principal, Resource};
use gitpod_core::class::Resources;
use gitpod_core::content::ContentSource;
use gitpod_core::environment::{self, Environment, Purpose, Repository, Sources, UserVariable};
use gitpod_core::ide::IdeStatus;
use gitpod_core::image::ImageRef;
use gitpod_core::store::VariableOwner;
use gitpod_core::workspace::{Action, Outcome, Workspace};
use gitpod_core::{Chain, Error, ErrorKind, InstanceId, Result};
use gitpod_runtime::StopMode;
use tracing::warn;

use super::Driver;
use super::compose::{Ingredients, compose};
use crate::size::in_words;

/// How long ending or removing an instance may take, beyond the grace its processes have; then it has failed, people hear of it,
/// and it is tried again.
const STOP_SLACK: Duration = Duration::from_mins(1);

/// What an effect brought: for decisions, and for later effects.
#[derive(Debug)]
pub(super) struct Brought {
    pub(super) outcome: Outcome,
    pub(super) keep: Keep,
}

/// What later effects need.
#[derive(Debug)]
pub(super) enum Keep {
    Nothing,
    Image(gitpod_core::image::ResolvedImage),
    Editor(gitpod_core::ide::IdeSpec),
    Volume(Volume),
}

impl From<Outcome> for Brought {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            keep: Keep::Nothing,
        }
    }
}

impl Driver {
    /// Does what an action says: one arm, one thing.
    pub(super) async fn execute(&self, workspace: &Workspace, action: &Action) -> Result<Brought> {
        let parts = &self.parts;
        match action {
            Action::EnsureImage { image } => return self.ensure_image(image).await,
            Action::EnsureEditor { editor } => return self.ensure_editor(editor.as_deref()).await,
            Action::InitContent { source } => return self.init_content(workspace, source).await,
            Action::OpenContent => return self.open_content(workspace).await,
            Action::EnsureInstance { instance, fresh } => {
                self.ensure_instance(workspace, *instance, *fresh).await?;
            }
            Action::StopInstance { instance, kill } => {
                let mode = if *kill {
                    StopMode::Kill
                } else {
                    StopMode::Graceful(parts.policy.stop_grace)
                };
                let limit = parts.policy.stop_grace.saturating_add(STOP_SLACK);
                let stopped = parts.runtime.stop(*instance, mode);
                in_time(limit, "its processes do not end", stopped).await?;
            }
            Action::RemoveInstance { instance } | Action::RemoveStray { instance } => {
                let removed = parts.runtime.remove(*instance);
                in_time(STOP_SLACK, "its sandbox cannot be removed", removed).await?;
            }
            Action::ReadGitStatus => {
                let Some(volume) = parts.volumes.inspect(&workspace.id).await? else {
                    return Ok(Outcome::Git(None).into());
                };
                let location = &workspace.spec.checkout_location;
                let status = parts.initializer.git_status(&volume, location).await?;
                return Ok(Outcome::Git(status).into());
            }
            Action::ReleaseContent => {
                self.keep_task_logs(workspace).await;
                parts.volumes.release(&workspace.id).await?;
            }
            Action::RemoveContent => {
                if let Some(logs) = &parts.task_logs {
                    logs.remove(&workspace.id).await?;
                }
                parts.volumes.remove(&workspace.id).await?;
            }
            Action::Purge => parts.store.purge(&workspace.id).await?,
            Action::WatchSupervisor { .. } | Action::Cancel { .. } => {}
            other => {
                return Err(Error::unsupported("this driver does not know the action")
                    .with_context("action", format!("{other:?}")));
            }
        }
        Ok(Outcome::Done.into())
    }

    /// Output is a convenience: a stop does not fail without it.
    async fn keep_task_logs(&self, workspace: &Workspace) {
        let Some(logs) = &self.parts.task_logs else {
            return;
        };
        if let Err(error) = logs.take(&*self.parts.volumes, workspace).await {
            warn!(workspace = %workspace.id, error = %Chain(&error), "cannot keep the output of tasks");
        }
    }

    async fn ensure_image(&self, image: &ImageRef) -> Result<Brought> {
        let resolved = self.parts.images.ensure(image).await?;
        let detail = match &resolved.digest {
            Some(digest) => format!("{image} ({digest})"),
            None => image.to_string(),
        };
        Ok(Brought {
            outcome: Outcome::Image(detail),
            keep: Keep::Image(resolved),
        })
    }

    async fn ensure_editor(&self, editor: Option<&str>) -> Result<Brought> {
        let spec = self.parts.ides.ensure(editor).await?;
        let mut status = IdeStatus::default();
        status.id.clone_from(&spec.id);
        status.label.clone_from(&spec.label);
        status.reason.clone_from(&spec.reason);
        Ok(Brought {
            outcome: Outcome::Editor(status),
            keep: Keep::Editor(spec),
        })
    }

    async fn init_content(&self, workspace: &Workspace, source: &ContentSource) -> Result<Brought> {
        let parts = &self.parts;
        let _permit = self
            .init_permits
            .acquire()
            .await
            .map_err(|e| Error::new(ErrorKind::Cancelled, "the server ends").with_source(e))?;
        let disk = self.resources(workspace)?.disk_bytes;
        let mut volume = parts.volumes.ensure(&workspace.id, disk).await?;
        let report = if volume.initialized {
            None
        } else {
            let mut context = InitContext::default();
            context.allow_local = self.may_use_local(workspace).await?;
            let report = match parts.initializer.init(&volume, source, &context).await {
                Ok(report) => report,
                Err(error) => return Err(self.explain_full_disk(workspace, error).await),
            };
            parts.volumes.mark_initialized(&workspace.id).await?;
            volume.initialized = true;
            Some(report)
        };
        Ok(Brought {
            outcome: Outcome::Content(report),
            keep: Keep::Volume(volume),
        })
    }

    /// Says whose disk is full: the workspace's own, or the machine's.
    async fn explain_full_disk(&self, workspace: &Workspace, error: Error) -> Error {
        if !error.context().any(|(key, _)| key == "disk") {
            return error;
        }
        let volumes = &self.parts.volumes;
        let is_short = |room: Option<Room>| room.is_some_and(|room| room.is_short());
        // What cannot be measured is not to hide what went wrong.
        let own = volumes.usage(&workspace.id).await.ok().flatten();
        let short = is_short(volumes.room().await.ok().flatten());
        match own {
            Some(_) if !short => {
                let resources = self.resources(workspace).ok();
                let size = resources.and_then(|resources| resources.disk_bytes);
                let class = &workspace.spec.class;
                error.with_hint(format!(
                    "the repository needs more than the {} of disk that the class `{class}` has: choose a larger class",
                    size.map_or_else(String::new, in_words)
                ))
            }
            _ => error.with_hint(
                "the server's data disk is full: delete workspaces that nobody needs, or ask the operator for more room",
            ),
        }
    }

    async fn open_content(&self, workspace: &Workspace) -> Result<Brought> {
        let volumes = &self.parts.volumes;
        let known = volumes.inspect(&workspace.id).await?;
        if !known.is_some_and(|volume| volume.initialized) {
            return Err(Error::not_found(
                "the workspace's files are not on this machine",
            ));
        }
        let disk = self.resources(workspace)?.disk_bytes;
        let volume = volumes.ensure(&workspace.id, disk).await?;
        Ok(Brought {
            outcome: Outcome::Content(None),
            keep: Keep::Volume(volume),
        })
    }

    async fn ensure_instance(
        &self,
        workspace: &Workspace,
        instance: InstanceId,
        fresh: bool,
    ) -> Result<()> {
        let prepared = self.with_slot(&workspace.id, |slot| slot.prepared.clone());
        let (Some(image), Some(editor), Some(volume)) =
            (&prepared.image, &prepared.editor, &prepared.volume)
        else {
            return Err(Error::unexpected("the instance is not prepared")
                .with_retry(gitpod_core::Retry::Backoff));
        };
        let environment = self.environment(workspace).await?;
        let spec = compose(
            workspace,
            &Ingredients {
                variables: &environment.variables,
                instance,
                fresh,
                image,
                editor,
                volume,
                resources: self.resources(workspace)?,
                editor_patience: self.parts.policy.editor,
                public_url: &self.parts.public_url,
                supervisor_dir: self.parts.supervisor_dir.as_deref(),
            },
        )?;
        self.parts.runtime.ensure(&spec).await
    }

    /// What the workspace's sources of variables come to now: whoever changed one since, the next start has it.
    pub(crate) async fn environment(&self, workspace: &Workspace) -> Result<Environment> {
        let spec = &workspace.spec;
        let stored = match &self.parts.variables {
            Some(variables) => variables.list(VariableOwner::User(spec.owner)).await?,
            None => Vec::new(),
        };
        let user: Vec<UserVariable> = stored
            .iter()
            .filter_map(gitpod_core::store::StoredVariable::of_user)
            .collect();
        let sources = Sources {
            configuration: &spec.env,
            user: &user,
            address: &spec.address_env,
            ..Sources::default()
        };
        let (owner, name) = (spec.context.owner.as_str(), spec.context.name.as_str());
        let repository = Some(Repository { owner, name }).filter(|_| !name.is_empty());
        Ok(environment::resolve(
            sources,
            Purpose::Workspace,
            repository,
        ))
    }

    pub(super) fn resources(&self, workspace: &Workspace) -> Result<&Resources> {
        let class = &workspace.spec.class;
        let found = self.parts.classes.iter().find(|known| known.id == *class);
        found.map(|class| &class.resources).ok_or_else(|| {
            let known: Vec<_> = self.parts.classes.iter().map(|c| c.id.as_str()).collect();
            Error::not_found("this server has no such workspace class any more")
                .with_context("class", class)
                .with_hint(format!("its classes: {}", known.join(", ")))
        })
    }

    /// Asked again at each start: a right that was withdrawn is gone.
    async fn may_use_local(&self, workspace: &Workspace) -> Result<bool> {
        let owner = self.parts.identities.user(workspace.spec.owner).await?;
        let principal = owner.map_or(Principal::Anonymous, Principal::User);
        let action = access::Action::UseLocalRepositories;
        Ok(
            access::may(&principal, action, Resource::Installation).allowed
                || workspace.spec.owner.as_uuid().is_nil(),
        )
    }
}

/// Gives up after `limit`; the call is idempotent and is made again.
async fn in_time(
    limit: Duration,
    what: &'static str,
    call: impl Future<Output = Result<()>>,
) -> Result<()> {
    tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::TimedOut, what).with_context("seconds", limit.as_secs()))
    })
}
