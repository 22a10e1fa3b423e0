use gitpod_core::access::{Action, Principal, Resource};
use gitpod_core::workspace::{EventKind, NewWorkspace, StepKind, StepState, Workspace, begin};
use gitpod_core::{Error, ErrorKind, Result, Timestamp};

use super::{CreateWorkspace, ParsedContext, Platform, check};
use crate::entropy::{instance_id, owner_token, workspace_id};

/// A random id is taken once in a blue moon; more often, something is wrong with the dice.
const ID_ATTEMPTS: usize = 10;

/// When each of the first four steps ended.
struct Stopwatch {
    began: Timestamp,
    ends: Vec<(StepKind, Timestamp, String)>,
}

impl Stopwatch {
    fn lap(&mut self, step: StepKind, now: Timestamp, detail: impl Into<String>) {
        self.ends.push((step, now, detail.into()));
    }
}

impl Platform {
    /// Steps 1 to 4: checks access, resolves the URL, reads the configuration, records workspace and first instance. The
    /// driver does the rest; watch it with [`Platform::subscribe`] or poll [`Platform::get`].
    ///
    /// # Errors
    /// `PermissionDenied`, `Unauthenticated`; `InvalidInput` (URL, class, editor); `ConfigInvalid` (the repository's configuration, with
    /// line and column); and those of the [`ContextResolver`](gitpod_content::ContextResolver). Nothing is recorded then.
    pub async fn create(&self, by: &Principal, request: CreateWorkspace) -> Result<Workspace> {
        let clock = self.clock();
        let mut watch = Stopwatch {
            began: clock.now(),
            ends: Vec::new(),
        };
        watch.lap(StepKind::Request, clock.now(), &request.url);
        check_creation(by)?;
        watch.lap(StepKind::Access, clock.now(), "allowed");
        let mut spec = self.resolve(by, &request).await?;
        if let Some(editor) = request.editor {
            spec.editor = Some(self.known_editor(editor).await?);
        }
        watch.lap(StepKind::Context, clock.now(), describe(&spec));
        let workspace = self.record_new(spec, watch).await?;
        self.inner.driver.wrote(&workspace.id, workspace.generation);
        Ok(workspace)
    }

    /// What [`Platform::create`] would make of a URL.
    ///
    /// # Errors
    /// Those of [`Platform::create`].
    pub async fn parse_context(&self, by: &Principal, url: &str) -> Result<ParsedContext> {
        check_creation(by)?;
        let spec = self.resolve(by, &CreateWorkspace::new(url)).await?;
        Ok(ParsedContext { spec })
    }

    async fn record_new(&self, spec: NewWorkspace, mut watch: Stopwatch) -> Result<Workspace> {
        let entropy = &*self.inner.driver.parts.entropy;
        let instance = instance_id(entropy);
        let now = self.clock().now();
        watch.lap(StepKind::Record, now, "workspace and instance recorded");
        let mut workspace = Workspace::new(workspace_id(entropy), spec, watch.began);
        begin(&mut workspace, instance, owner_token(entropy), now);
        tell_steps(&mut workspace, &watch);
        let events = [EventKind::Created, EventKind::StartRequested { instance }];
        for _ in 0..ID_ATTEMPTS {
            match self.store().create(&workspace, &events).await {
                Ok(generation) => {
                    workspace.generation = generation;
                    return Ok(workspace);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    workspace.id = workspace_id(entropy);
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::unexpected("no free workspace id was found"))
    }

    pub(super) fn default_class(&self) -> Result<String> {
        let classes = self.classes();
        classes
            .iter()
            .find(|class| class.is_default)
            .or_else(|| classes.first())
            .map(|class| class.id.clone())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::ConfigInvalid,
                    "this server has no workspace class",
                )
            })
    }

    pub(super) fn known_class(&self, id: &str) -> Result<String> {
        let classes = self.classes();
        if classes.iter().any(|class| class.id == id) {
            return Ok(id.to_owned());
        }
        let known: Vec<_> = classes.iter().map(|class| class.id.as_str()).collect();
        Err(Error::invalid("no such workspace class")
            .with_context("class", id)
            .with_hint(format!("this server's classes: {}", known.join(", "))))
    }

    pub(super) async fn known_editor(&self, id: String) -> Result<String> {
        let editors = self.editors().await?;
        let Some(editor) = editors.iter().find(|editor| editor.id == id) else {
            let known: Vec<_> = editors.iter().map(|editor| editor.id.as_str()).collect();
            return Err(Error::invalid("no such editor")
                .with_context("editor", id)
                .with_hint(format!("this server's editors: {}", known.join(", "))));
        };
        match &editor.unavailable {
            None => Ok(id),
            Some(why) => Err(Error::new(
                ErrorKind::FailedPrecondition,
                format!("this server cannot offer the editor: {why}"),
            )
            .with_context("editor", id)
            .with_hint("choose another editor, or ask the operator to install it")),
        }
    }
}

/// Whether `by` may create workspaces where theirs belong.
fn check_creation(by: &Principal) -> Result<()> {
    let (_, id) = super::context::identity(by)?;
    check(by, Action::CreateWorkspace, Resource::Organization { id })
}

/// For the step's detail: what was decided.
fn describe(spec: &NewWorkspace) -> String {
    let revision = &spec.context.revision;
    let at = match revision.len() {
        0 => String::from("no commits yet"),
        _ => format!("at {}", revision.get(..12).unwrap_or(revision)),
    };
    format!("{} {at}; image: {}", spec.context.title, spec.image)
}

fn tell_steps(workspace: &mut Workspace, watch: &Stopwatch) {
    let Some(instance) = &mut workspace.status.instance else {
        return;
    };
    let mut from = watch.began;
    for (kind, end, detail) in &watch.ends {
        if let Some(step) = instance.steps.iter_mut().find(|step| step.kind == *kind) {
            step.state = StepState::Done;
            step.started_at = Some(from);
            step.ended_at = Some(*end);
            step.detail.clone_from(detail);
        }
        from = *end;
    }
}
