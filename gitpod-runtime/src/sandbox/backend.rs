use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_core::instance::{InstanceSpec, InstanceState, Network};
use gitpod_core::{Error, ErrorKind, InstanceId, Result};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use super::cgroup::Hierarchies;
use super::config::SandboxConfig;
use super::doctor::{EGRESS, Finding, doctor};
use super::instances::{Instances, blocking, failed};
use super::link::Link;
use super::naming::Naming;
use super::network::Egress;
use super::pasta::{self, Pasta};
use super::record::{Place, Standing};
use super::slot::Slots;
use super::zygote::Zygote;
use super::{dial, exec, host_root, tidy};
use crate::{
    BoxedIo, Capabilities, Command, Process, RuntimeInfo, StopMode, WorkspaceRuntime, validate,
};

/// Hints a slow watcher may be behind before it misses some.
const HINTS: usize = 4096;
/// Mounts of an instance; each is a descriptor that has to travel.
const MOST_MOUNTS: usize = 64;

/// Instances as processes of this machine. Clones are one runtime. See [the module](super).
#[derive(Debug, Clone)]
pub struct SandboxRuntime {
    shared: Arc<Instances>,
    info: Arc<RuntimeInfo>,
}

impl SandboxConfig {
    /// Opens the runtime: starts the launcher, finds the instances of earlier servers, sets up the network.
    ///
    /// # Behavior
    /// As root, limits that this machine cannot set are refused. As an ordinary user, instances run without them, and
    /// [`RuntimeInfo::missing`] says which they are.
    ///
    /// # Errors
    /// `FailedPrecondition` when this program did not call [`reexec`](super::reexec) or the machine lacks something
    /// required (the hint says what), `ConfigInvalid` for a configuration that cannot be used.
    pub async fn build(mut self) -> Result<SandboxRuntime> {
        self.check()?;
        self.state_dir = std::path::absolute(&self.state_dir)
            .map_err(|e| failed("cannot find the sandbox's state directory", e))?;
        let findings = blocking(|| Ok(doctor())).await?;
        check_machine(&findings)?;
        let privileged = rustix::process::geteuid().is_root();
        let mode = self.layers;
        let layers = blocking(move || mode.resolve(privileged)).await?;
        let mut missing = what_is_missing(&findings);
        let (naming, alive, slots) = prepare(&self).await?;
        let (egress, pasta) = match (self.egress, privileged) {
            (false, _) => (None, None),
            (true, true) => (open_egress(&self, naming, &mut missing).await?, None),
            (true, false) => (None, open_pasta(&self, naming, &findings).await?),
        };
        let mut hierarchies = Hierarchies::find();
        if let Err(error) = hierarchies.prepare() {
            missing.push(format!(
                "limits: cannot pass on control group controllers: {error}"
            ));
        }
        for note in &missing {
            tracing::warn!(missing = note, "the sandbox does without");
        }
        let mut info = info(&hierarchies, egress.is_some() || pasta.is_some(), missing);
        // One user's processes are counted by the kernel without control groups.
        info.capabilities.pids_limit |= !privileged;
        let name_server = pasta.as_ref().and_then(Pasta::name_server);
        let resolver = match name_server {
            Some(server) => host_root::etc::resolver_at(server),
            None => host_root::etc::resolver(&self.name_servers),
        };
        let (config, launcher, hosts) = (self.clone(), self.launcher.clone(), resolver.clone());
        let (skeleton, zygote) = blocking(move || {
            let skeleton = host_root::generate(&config.state_dir, &config.extra_etc, &hosts)?;
            Ok((skeleton, Zygote::new(launcher)?))
        })
        .await?;
        let shared = Arc::new(Instances {
            directory: self.state_dir.join("instances"),
            resolver,
            config: self,
            skeleton,
            slots,
            zygote,
            hierarchies,
            layers,
            naming,
            egress,
            pasta,
            privileged,
            hints: broadcast::channel(HINTS).0,
            alive,
        });
        watch_found(&shared).await?;
        Ok(SandboxRuntime {
            shared,
            info: Arc::new(info),
        })
    }
}

/// The way out, or a note in `missing` why there is none.
async fn open_egress(
    config: &SandboxConfig,
    naming: Naming,
    missing: &mut Vec<String>,
) -> Result<Option<Egress>> {
    match Egress::open(config, naming).await {
        Ok(egress) => Ok(Some(egress)),
        Err(error) if error.kind() == ErrorKind::ConfigInvalid => Err(error),
        Err(error) => {
            missing.push(format!("network egress: {error:?}"));
            Ok(None)
        }
    }
}

/// The way out of a user's instances, if `findings` say that it works; why not is among them, too.
async fn open_pasta(
    config: &SandboxConfig,
    naming: Naming,
    findings: &[Finding],
) -> Result<Option<Pasta>> {
    let works = findings.iter().any(|f| f.name == EGRESS && f.ok);
    match pasta::find().filter(|_| works) {
        Some(program) => Pasta::open(program, config, naming).await.map(Some),
        None => Ok(None),
    }
}

/// Directories, the sign of life, and a tidy state if nobody else is at work.
async fn prepare(config: &SandboxConfig) -> Result<(Naming, File, Slots)> {
    let config = config.clone();
    blocking(move || {
        let state = &config.state_dir;
        let cannot = |e| {
            failed("cannot use the sandbox's state directory", e)
                .with_context("path", state.display())
        };
        std::fs::create_dir_all(state.join("instances")).map_err(cannot)?;
        close_to_others(state).map_err(cannot)?;
        let slots = Slots::open(state, config.most_instances).map_err(cannot)?;
        let alive = File::create(state.join("alive")).map_err(cannot)?;
        let naming = Naming::of(state).map_err(cannot)?;
        tidy::if_alone(&alive, state, &slots)?;
        Ok((naming, alive, slots))
    })
    .await
}

fn close_to_others(state: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o700))
}

fn check_machine(findings: &[Finding]) -> Result<()> {
    match findings.iter().find(|f| f.required && !f.ok) {
        Some(finding) => Err(Error::new(
            ErrorKind::FailedPrecondition,
            "this machine lacks something the sandbox needs",
        )
        .with_context("what", finding.name)
        .with_context("found", &finding.detail)
        .with_hint(finding.how_to_fix)),
        None => Ok(()),
    }
}

fn what_is_missing(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| !finding.ok)
        .map(|finding| {
            format!(
                "{}: {}; {}",
                finding.name, finding.detail, finding.how_to_fix
            )
        })
        .collect()
}

fn info(hierarchies: &Hierarchies, egress: bool, missing: Vec<String>) -> RuntimeInfo {
    let capabilities = Capabilities {
        exec: true,
        pty: true,
        dial: true,
        readopt: true,
        processes: true,
        isolation: true,
        memory_limit: hierarchies.offers("memory"),
        cpu_limit: hierarchies.offers("cpu"),
        pids_limit: hierarchies.offers("pids"),
        disk_limit: false,
        egress,
    };
    let mut info = RuntimeInfo::new("sandbox", capabilities);
    info.missing = missing;
    info
}

/// Watches instances that were there before this runtime.
async fn watch_found(shared: &Arc<Instances>) -> Result<()> {
    for state in shared.observe_all().await? {
        let place = Place::of(&shared.directory, state.id);
        // One that ends in between needs no watching.
        if let Ok(channel) = blocking(move || place.connect().map_err(|e| failed("", e))).await {
            shared.watch(state.id, Link::new(channel)?);
        }
    }
    Ok(())
}

impl SandboxRuntime {
    /// Opens the runtime; the same as [`SandboxConfig::build`].
    ///
    /// # Errors
    /// As [`SandboxConfig::build`].
    pub async fn open(config: SandboxConfig) -> Result<Self> {
        config.build().await
    }

    pub(super) fn shared(&self) -> &Arc<Instances> {
        &self.shared
    }

    /// The last of what an instance's command wrote to its standard streams, at most `most` bytes.
    ///
    /// # Errors
    /// `NotFound` when there is no such instance.
    pub async fn log_tail(&self, id: InstanceId, most: usize) -> Result<Vec<u8>> {
        let place = self.shared.place(id);
        blocking(move || {
            let mut text = std::fs::read(place.log().with_extension("1")).unwrap_or_default();
            let newest = std::fs::read(place.log()).map_err(|e| {
                Error::not_found("no log of such an instance")
                    .with_context("instance", id)
                    .with_source(e)
            })?;
            text.extend(newest);
            let surplus = text.len().saturating_sub(most);
            Ok(text.split_off(surplus))
        })
        .await
    }

    /// Stops and removes every instance and takes away what was set up on this machine for this state directory: bridge,
    /// rules, control groups, and the directory's own contents.
    ///
    /// # Errors
    /// Something could not be removed; call again.
    pub async fn purge(&self) -> Result<()> {
        for state in self.list().await? {
            self.remove(state.id).await?;
        }
        if self.shared.egress.is_some() {
            Egress::remove(self.shared.naming).await?;
        }
        let state = self.shared.config.state_dir.clone();
        blocking(move || tidy::everything(&state)).await
    }

    fn check_supported(&self, spec: &InstanceSpec) -> Result<()> {
        let can = &self.info.capabilities;
        let wanted = &spec.resources;
        for (wanted, can, what) in [
            (wanted.memory_bytes.is_some(), can.memory_limit, "memory"),
            (wanted.cpu_millis.is_some(), can.cpu_limit, "CPU time"),
            (wanted.pids.is_some(), can.pids_limit, "processes"),
        ] {
            // A user's own machine is not shared with strangers: what cannot be limited runs without, and `missing` says so.
            if wanted && !can && self.shared.privileged {
                return Err(Error::unsupported("this machine cannot set a limit")
                    .with_context("limit", what)
                    .with_hint("`gitpod-server doctor` says what is missing"));
            }
        }
        if spec.network == Network::Host {
            return Err(Error::unsupported(
                "only jobs may use the node's own network",
            ));
        }
        if spec.mounts.len() > MOST_MOUNTS {
            return Err(Error::invalid("too many mounts").with_context("limit", MOST_MOUNTS));
        }
        Ok(())
    }
}

#[async_trait]
impl WorkspaceRuntime for SandboxRuntime {
    fn info(&self) -> RuntimeInfo {
        RuntimeInfo::clone(&self.info)
    }

    async fn ensure(&self, spec: &InstanceSpec) -> Result<()> {
        validate(spec)?;
        self.check_supported(spec)?;
        // On its own: a caller that gives up does not leave half an instance.
        let work = Arc::clone(&self.shared).ensure(spec.clone());
        match tokio::spawn(work).await {
            Ok(result) => result.map_err(|error| error.with_context("instance", spec.id)),
            Err(error) => Err(Error::unexpected("a start was cut short").with_source(error)),
        }
    }

    async fn inspect(&self, id: InstanceId) -> Result<Option<InstanceState>> {
        self.shared.observe(id).await
    }

    async fn list(&self) -> Result<Vec<InstanceState>> {
        self.shared.observe_all().await
    }

    async fn stop(&self, id: InstanceId, mode: StopMode) -> Result<()> {
        let grace = match mode {
            StopMode::Graceful(grace) => grace,
            StopMode::Kill => Duration::ZERO,
        };
        self.shared.stop(id, grace).await
    }

    async fn remove(&self, id: InstanceId) -> Result<()> {
        if matches!(self.shared.standing(id).await?, Standing::Absent) {
            return Ok(());
        }
        self.shared.stop(id, Duration::ZERO).await?;
        self.shared.discard(id).await?;
        // Nobody watches: fine.
        let _ = self.shared.hints.send(id);
        Ok(())
    }

    async fn exec(&self, id: InstanceId, command: &Command) -> Result<Process> {
        exec::exec(&self.shared, id, command).await
    }

    async fn dial(&self, id: InstanceId, port: u16) -> Result<BoxedIo> {
        dial::dial(&self.shared, id, port).await
    }

    fn watch(&self) -> BoxStream<'static, InstanceId> {
        BroadcastStream::new(self.shared.hints.subscribe())
            .filter_map(|hint| async { hint.ok() })
            .boxed()
    }
}
