use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use gitpod_core::instance::{InstanceSpec, InstanceState};
use gitpod_core::mount::Mount;
use gitpod_core::{Error, InstanceId, Result};

use crate::{BoxedIo, Command, Process, RuntimeInfo};

/// How to stop an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopMode {
    /// Ask its command to end (`SIGTERM`), and kill everything after the grace time.
    Graceful(Duration),
    /// Kill everything now.
    Kill,
}

/// Runs instances.
///
/// Verbs mean the same in every backend: `ensure` is idempotent, `inspect` returns `Option`, removing what is not there
/// succeeds. No method retries; the caller's plan does.
#[async_trait]
pub trait WorkspaceRuntime: fmt::Debug + Send + Sync + 'static {
    /// Who this is and what it can do. Cheap; does no I/O.
    fn info(&self) -> RuntimeInfo;

    /// Makes the instance exist and its command run.
    ///
    /// # Behavior
    /// Returns when the command was started (not when it is ready). An instance that exists already, running or exited, is
    /// left as it is. Of concurrent calls for one id, one starts it and all succeed. On failure nothing half-made is left:
    /// no process, mount, cgroup, namespace or directory.
    ///
    /// # Errors
    /// `InvalidInput` for a specification that can never run (no command, relative paths), `NotFound` when a layer or the
    /// command is not there, `Unsupported` for limits or a network this machine cannot give, `Unavailable` when trying
    /// again may help.
    ///
    /// # Cancellation
    /// The start goes on or is undone; call `ensure` or `remove` to know.
    async fn ensure(&self, spec: &InstanceSpec) -> Result<()>;

    /// The instance, or `None` when there is none of that id.
    ///
    /// # Errors
    /// The runtime cannot be reached.
    async fn inspect(&self, id: InstanceId) -> Result<Option<InstanceState>>;

    /// Every instance, exited ones too.
    ///
    /// # Errors
    /// The runtime cannot be reached.
    async fn list(&self) -> Result<Vec<InstanceState>>;

    /// Ends the instance's processes, all of them, and keeps its record (so that its exit can be read).
    ///
    /// # Behavior
    /// Returns when nothing of it runs any more. Stopping what is not there, or has exited, succeeds. A second call with
    /// `Kill` overtakes a graceful one.
    ///
    /// # Errors
    /// The runtime cannot be reached.
    async fn stop(&self, id: InstanceId, mode: StopMode) -> Result<()>;

    /// Removes the instance and all that was made for it, except the sources of its mounts. Kills it first if it runs.
    ///
    /// # Errors
    /// The runtime cannot be reached, or something could not be removed (named in the error; call again).
    async fn remove(&self, id: InstanceId) -> Result<()>;

    /// Runs a command inside a running instance, under the same isolation and limits. Capability `exec` (`pty` for a
    /// terminal).
    ///
    /// # Errors
    /// `NotFound` when there is no such instance or no such command, `FailedPrecondition` when it does not run.
    async fn exec(&self, id: InstanceId, command: &Command) -> Result<Process> {
        let _ = (id, command);
        Err(Error::unsupported(
            "this runtime cannot run commands in an instance",
        ))
    }

    /// Connects to a TCP port on the instance's loopback. Capability `dial`.
    ///
    /// # Errors
    /// `NotFound` when there is no such instance, `FailedPrecondition` when it does not run, `Unavailable` when nothing
    /// listens on that port.
    async fn dial(&self, id: InstanceId, port: u16) -> Result<BoxedIo> {
        let _ = (id, port);
        Err(Error::unsupported(
            "this runtime cannot connect to an instance",
        ))
    }

    /// Hints that an instance changed; `inspect` it. May miss changes, may repeat.
    fn watch(&self) -> BoxStream<'static, InstanceId> {
        stream::pending().boxed()
    }
}

/// Checks what no backend can run; backends call it first, so that all refuse alike.
///
/// # Errors
/// `InvalidInput`, naming the field.
pub fn validate(spec: &InstanceSpec) -> Result<()> {
    let refuse = |what: &'static str| Err(Error::invalid(what).with_context("instance", spec.id));
    match spec.command.first() {
        None => return refuse("an instance needs a command"),
        Some(program) if !program.starts_with('/') => {
            return refuse("the command has to be an absolute path");
        }
        Some(_) => {}
    }
    let texts = spec
        .command
        .iter()
        .chain(spec.env.iter().flat_map(|(name, value)| [name, value]));
    if texts.into_iter().any(|text| text.contains('\0')) {
        return refuse("command and environment may not contain NUL bytes");
    }
    if spec
        .env
        .iter()
        .any(|(name, _)| name.is_empty() || name.contains('='))
    {
        return refuse("names of environment variables may not be empty or contain `=`");
    }
    if !spec.cwd.is_absolute() {
        return refuse("the working directory has to be absolute");
    }
    for mount in &spec.mounts {
        let (sources, target) = match mount {
            Mount::Bind { source, target, .. } => (vec![source], target),
            Mount::Overlay {
                lowers,
                upper,
                work,
                target,
            } => (lowers.iter().chain([upper, work]).collect(), target),
            Mount::Tmpfs { target, .. } => (Vec::new(), target),
            _ => return refuse("unknown kind of mount"),
        };
        let climbs = target
            .components()
            .any(|part| part == std::path::Component::ParentDir);
        if !target.is_absolute() || climbs || sources.iter().any(|source| !source.is_absolute()) {
            return refuse("mounts need absolute paths without `..`");
        }
    }
    Ok(())
}
