//! Instances by their records: find, make, stop, remove. What is on disk is the truth; nothing is remembered beside it.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::class::Resources;
use gitpod_core::image::RootFs;
use gitpod_core::instance::{Exit, InstancePhase, InstanceSpec, InstanceState, Network};
use gitpod_core::{Error, ErrorKind, InstanceId, Result, WorkspaceId};
use tokio::sync::broadcast;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::cgroup::{CgroupPlan, Hierarchies};
use super::config::{IDS, SandboxConfig};
use super::ids::Ids;
use super::layers::Layers;
use super::link::Link;
use super::naming::Naming;
use super::network::Egress;
use super::pasta::Pasta;
use super::protocol::{Record, Reply, Request, Start};
use super::record::{Place, Standing};
use super::slot::Slots;
use super::zygote::Zygote;

/// How long somebody else's start is waited for.
const OTHERS_START: Duration = Duration::from_mins(1);
/// How often it is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// Which workspace a directory is for, until its record tells.
const WORKSPACE: &str = "workspace";

/// All that handles of one runtime share.
#[derive(Debug)]
pub(super) struct Instances {
    pub(super) config: SandboxConfig,
    pub(super) directory: PathBuf,
    pub(super) skeleton: PathBuf,
    pub(super) resolver: String,
    pub(super) slots: Slots,
    pub(super) zygote: Zygote,
    pub(super) hierarchies: Hierarchies,
    pub(super) layers: Layers,
    pub(super) naming: Naming,
    /// The way out of root's instances.
    pub(super) egress: Option<Egress>,
    /// The way out of a user's.
    pub(super) pasta: Option<Pasta>,
    /// Whether the node's root runs the sandbox.
    pub(super) privileged: bool,
    pub(super) hints: broadcast::Sender<InstanceId>,
    /// Held as long as this runtime lives: only a runtime that is alone may tidy up.
    #[expect(dead_code, reason = "held, not read: its lock is what counts")]
    pub(super) alive: File,
}

impl Instances {
    pub(super) fn place(&self, id: InstanceId) -> Place {
        Place::of(&self.directory, id)
    }

    pub(super) async fn standing(self: &Arc<Self>, id: InstanceId) -> Result<Standing> {
        let place = self.place(id);
        blocking(move || Ok(place.standing())).await
    }

    /// The instance as others see it.
    pub(super) async fn observe(self: &Arc<Self>, id: InstanceId) -> Result<Option<InstanceState>> {
        let shared = Arc::clone(self);
        blocking(move || Ok(shared.look(id))).await
    }

    pub(super) async fn observe_all(self: &Arc<Self>) -> Result<Vec<InstanceState>> {
        let shared = Arc::clone(self);
        blocking(move || {
            let ids = shared.ids()?;
            Ok(ids.into_iter().filter_map(|id| shared.look(id)).collect())
        })
        .await
    }

    fn ids(&self) -> Result<Vec<InstanceId>> {
        let entries =
            std::fs::read_dir(&self.directory).map_err(|e| failed("cannot list instances", e))?;
        Ok(entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect())
    }

    fn look(&self, id: InstanceId) -> Option<InstanceState> {
        let place = self.place(id);
        match place.standing() {
            Standing::Absent | Standing::HalfMade => None,
            Standing::Creating => {
                let text = std::fs::read_to_string(place.directory().join(WORKSPACE)).ok()?;
                let workspace = WorkspaceId::parse(&text).ok()?;
                Some(InstanceState::new(id, workspace, InstancePhase::Creating))
            }
            Standing::Running(record) => Some(state(&record, InstancePhase::Running)),
            Standing::Exited(record, Some(exit)) => {
                Some(state(&record, InstancePhase::Exited(exit)))
            }
            Standing::Exited(record, None) => {
                let exit = bury(&place, &record);
                Some(state(&record, InstancePhase::Exited(exit)))
            }
        }
    }

    /// Makes the instance unless it is there.
    pub(super) async fn ensure(self: Arc<Self>, spec: InstanceSpec) -> Result<()> {
        let deadline = Instant::now() + OTHERS_START;
        loop {
            match self.standing(spec.id).await? {
                Standing::Running(_) | Standing::Exited(..) => return Ok(()),
                Standing::Absent => {
                    if self.claim(&spec).await? {
                        return self.make(&spec).await;
                    }
                }
                // Of a server that died, or of one that is at it and has not told its shim yet.
                Standing::HalfMade if Instant::now() > deadline => {
                    self.discard(spec.id).await?;
                }
                Standing::Creating if Instant::now() > deadline => {
                    return Err(Error::new(
                        ErrorKind::Unavailable,
                        "another start of the instance does not get on",
                    )
                    .with_context("instance", spec.id));
                }
                Standing::HalfMade | Standing::Creating => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Makes the instance's directory. Whoever makes it, makes the instance.
    async fn claim(self: &Arc<Self>, spec: &InstanceSpec) -> Result<bool> {
        let (place, workspace) = (self.place(spec.id), spec.workspace.to_string());
        blocking(move || match std::fs::create_dir(place.directory()) {
            Ok(()) => std::fs::write(place.directory().join(WORKSPACE), workspace)
                .map(|()| true)
                .map_err(|e| failed("cannot record an instance", e)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(failed("cannot record an instance", error)),
        })
        .await
    }

    async fn make(self: &Arc<Self>, spec: &InstanceSpec) -> Result<()> {
        let made = self.start(spec).await;
        match made {
            Ok((link, network)) => {
                self.watch(spec.id, link);
                if spec.network == Network::Egress
                    && let Some(network) = network
                {
                    self.connect_in_background(spec.id, network);
                }
                let _ = self.hints.send(spec.id);
                Ok(())
            }
            Err(error) => {
                // The first error is the one to tell; what is left now, the next open removes.
                let _ = self.discard(spec.id).await;
                Err(error)
            }
        }
    }

    async fn start(self: &Arc<Self>, spec: &InstanceSpec) -> Result<(Link, Option<OwnedFd>)> {
        let slot = self.claim_slot(spec.id.to_string()).await?;
        let mut start = self.order(spec.clone(), slot);
        start.directory = Some(self.place(spec.id).directory().to_owned());
        if let (Network::Egress, Some(pasta)) = (spec.network, &self.pasta) {
            start.way_out = Some(pasta.order().await?);
        }
        let link = self.new_shim().await?;
        match link.ask(&Request::Start(Box::new(start)), &[]).await? {
            Some((Reply::Started, mut fds)) => Ok((link, fds.pop())),
            _ => Err(Error::new(
                ErrorKind::Unavailable,
                "the shim died while it made the instance",
            )),
        }
    }

    pub(super) async fn new_shim(self: &Arc<Self>) -> Result<Link> {
        let shared = Arc::clone(self);
        blocking(move || shared.zygote.channel())
            .await
            .and_then(Link::new)
    }

    pub(super) async fn claim_slot(self: &Arc<Self>, owner: String) -> Result<u32> {
        let shared = Arc::clone(self);
        let slot = blocking(move || {
            shared
                .slots
                .claim(&owner)
                .map_err(|e| failed("cannot claim a slot", e))
        });
        slot.await?.ok_or_else(|| {
            Error::new(ErrorKind::RateLimited, "too many instances on this node")
                .with_context("limit", self.config.most_instances)
                .with_hint("stop some, or raise `most_instances` of the sandbox")
        })
    }

    /// What a shim has to know to make `spec` in `slot`.
    pub(super) fn order(&self, spec: InstanceSpec, slot: u32) -> Start {
        let first = self
            .config
            .first_id
            .unwrap_or_else(|| self.naming.first_id());
        let cgroups = self.cgroups(spec.id, &spec.resources);
        let skeleton = match spec.rootfs {
            RootFs::Host => self.skeleton.clone(),
            _ => PathBuf::new(),
        };
        Start {
            directory: None,
            ids: if self.privileged {
                Ids::Range {
                    first: first.saturating_add(slot.saturating_mul(IDS)),
                }
            } else {
                Ids::own()
            },
            skeleton,
            resolver: Some(self.resolver.clone()),
            cgroups,
            // Without ids of others there is nothing to become.
            no_new_privileges: !self.privileged,
            process_limit: spec
                .resources
                .pids
                .filter(|_| !self.hierarchies.offers("pids")),
            layers: self.layers,
            way_out: None,
            root_bytes: self.config.root_bytes,
            shared_memory_bytes: self.config.shared_memory_bytes,
            spec,
        }
    }

    fn cgroups(&self, id: InstanceId, resources: &Resources) -> CgroupPlan {
        let parent = self
            .config
            .cgroup_parent
            .clone()
            .unwrap_or_else(|| self.naming.cgroup_parent());
        self.hierarchies.plan(&parent, &id.to_string(), resources)
    }

    /// Tells watchers when the instance ends.
    pub(super) fn watch(self: &Arc<Self>, id: InstanceId, link: Link) {
        let hints = self.hints.clone();
        tokio::spawn(async move {
            while let Ok(Some(_)) = link.receive().await {}
            // Nobody watches: fine.
            let _ = hints.send(id);
        });
    }

    /// Gives an instance its way out. It runs meanwhile; a failure leaves it without one.
    fn connect_in_background(self: &Arc<Self>, id: InstanceId, network: OwnedFd) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = shared.connect_network(id, network).await {
                tracing::warn!(instance = %id, error = ?error, "instance has no way out to the network");
            }
        });
    }

    async fn connect_network(self: &Arc<Self>, id: InstanceId, network: OwnedFd) -> Result<()> {
        let Some(egress) = &self.egress else {
            return Ok(());
        };
        let slot = self.slots.of(&id.to_string());
        let slot = slot.ok_or_else(|| Error::not_found("the instance has no slot"))?;
        let link = egress.attach(slot, network).await?;
        let shim = self.reach(id).await?;
        match shim.ask(&Request::Configure(link), &[]).await? {
            Some((Reply::Done, _)) => Ok(()),
            _ => Err(Error::new(ErrorKind::Unavailable, "the instance ended")),
        }
    }

    /// A connection to a running instance's shim.
    pub(super) async fn reach(self: &Arc<Self>, id: InstanceId) -> Result<Link> {
        let place = self.place(id);
        let channel = blocking(move || match place.connect() {
            Ok(channel) => Ok(channel),
            Err(error) => Err(match place.standing() {
                Standing::Absent | Standing::HalfMade => Error::not_found("no such instance"),
                Standing::Exited(..) => {
                    Error::new(ErrorKind::FailedPrecondition, "the instance does not run")
                }
                Standing::Creating | Standing::Running(_) => {
                    Error::new(ErrorKind::Unavailable, "cannot reach the instance's shim")
                        .with_source(error)
                }
            }
            .with_context("instance", id)),
        });
        Link::new(channel.await?)
    }

    /// Ends the instance and waits until nothing of it runs.
    pub(super) async fn stop(self: &Arc<Self>, id: InstanceId, grace: Duration) -> Result<()> {
        let deadline = Instant::now() + OTHERS_START;
        loop {
            match self.standing(id).await? {
                Standing::Absent | Standing::HalfMade | Standing::Exited(..) => break,
                Standing::Creating if Instant::now() < deadline => sleep(LOOK_AGAIN).await,
                Standing::Creating | Standing::Running(_) => {
                    // It may end before it hears of it.
                    if let Ok(link) = self.reach(id).await {
                        let grace = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
                        link.send(&Request::Stop { grace }, &[]).await.ok();
                        while let Ok(Some(_)) = link.receive().await {}
                    }
                    break;
                }
            }
        }
        // Looks once more: a lost instance's remains are buried here.
        self.observe(id).await.map(drop)
    }

    /// Removes what is on disk of an instance that does not run, and its control groups.
    pub(super) async fn discard(self: &Arc<Self>, id: InstanceId) -> Result<()> {
        let shared = Arc::clone(self);
        blocking(move || {
            shared
                .cgroups(id, &Resources::unlimited())
                .remove()
                .map_err(|e| failed("cannot remove the instance's control groups", e))?;
            let place = shared.place(id);
            place.remove().map_err(|e| {
                failed("cannot remove the instance's record", e)
                    .with_context("path", place.directory().display())
            })?;
            shared
                .slots
                .release_of(&id.to_string())
                .map_err(|e| failed("cannot free the instance's slot", e))
        })
        .await
    }
}

/// Records the end of an instance whose shim was killed. Its processes died with the shim; its control groups are left.
fn bury(place: &Place, record: &Record) -> Exit {
    let mut exit = Exit::default();
    exit.signal = Some(libc::SIGKILL);
    exit.oom_killed = record.cgroups.memory_kills() > 0;
    exit.message = Some(String::from(
        "the process that managed the instance was killed",
    ));
    // What cannot be removed or written now is tried again at the next look and at the removal of the instance.
    let _ = record.cgroups.remove();
    let _ = place.write_exit(&exit);
    exit
}

fn state(record: &Record, phase: InstancePhase) -> InstanceState {
    let mut state = InstanceState::new(record.id, record.workspace.clone(), phase);
    state.started_at = Some(record.started_at);
    state.memory_kills = record.cgroups.memory_kills();
    state
}

pub(super) fn failed(what: &'static str, error: std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, what).with_source(error)
}

/// Runs file work off the asynchronous threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::unexpected("file work was cut short").with_source(error)),
    }
}
