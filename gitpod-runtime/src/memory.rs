//! The reference runtime: instances as records in memory.
//!
//! It keeps every promise of [`WorkspaceRuntime`] that does not need processes: use it in tests, in simulations, and as the
//! shortest example of a backend. Commands are not run; whoever plays the world ends them with [`MemoryRuntime::finish`] and
//! answers their ports with [`MemoryRuntime::listen`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use gitpod_core::instance::{Exit, InstancePhase, InstanceSpec, InstanceState};
use gitpod_core::{Clock, Error, ErrorKind, InstanceId, Result, SystemClock};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::BroadcastStream;

use crate::runtime::validate;
use crate::{BoxedIo, Capabilities, RuntimeInfo, StopMode, WorkspaceRuntime};

/// Bytes buffered per direction of a dialled connection; as much as a socket would.
const BUFFER: usize = 64 * 1024;
/// Connections that may wait to be accepted; further ones are refused, as by a full backlog.
const BACKLOG: usize = 128;
/// Hints a slow watcher may be behind before it misses some.
const HINTS: usize = 1024;

/// Connections made to a port of an instance, in order.
pub type Listener = mpsc::Receiver<DuplexStream>;

/// Instances in memory. Clones are one runtime.
#[derive(Debug, Clone)]
pub struct MemoryRuntime {
    world: Arc<Mutex<World>>,
    hints: broadcast::Sender<InstanceId>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct World {
    instances: BTreeMap<InstanceId, InstanceState>,
    ports: BTreeMap<(InstanceId, u16), mpsc::Sender<DuplexStream>>,
}

impl Default for MemoryRuntime {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl MemoryRuntime {
    /// An empty world whose time is `clock`'s.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            world: Arc::default(),
            hints: broadcast::channel(HINTS).0,
            clock,
        }
    }

    /// Ends a running instance's command, as if it had ended by itself. Nothing happens if it does not run.
    pub fn finish(&self, id: InstanceId, exit: Exit) {
        let mut world = self.world();
        world.ports.retain(|(instance, _), _| *instance != id);
        if let Some(state) = world.instances.get_mut(&id)
            && !matches!(state.phase, InstancePhase::Exited(_))
        {
            state.phase = InstancePhase::Exited(exit);
        }
        drop(world);
        self.hint(id);
    }

    /// Forgets an instance, as a lost node would.
    pub fn lose(&self, id: InstanceId) {
        let mut world = self.world();
        world.instances.remove(&id);
        world.ports.retain(|(instance, _), _| *instance != id);
        drop(world);
        self.hint(id);
    }

    /// Listens on a port of an instance. An earlier listener on it ends.
    pub fn listen(&self, id: InstanceId, port: u16) -> Listener {
        let (sender, listener) = mpsc::channel(BACKLOG);
        self.world().ports.insert((id, port), sender);
        listener
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world
            .lock()
            .expect("because no holder of this lock can panic")
    }

    fn hint(&self, id: InstanceId) {
        // No receiver is no error: nobody watches.
        let _ = self.hints.send(id);
    }
}

#[async_trait]
impl WorkspaceRuntime for MemoryRuntime {
    fn info(&self) -> RuntimeInfo {
        RuntimeInfo::new(
            "memory",
            Capabilities {
                dial: true,
                readopt: true,
                egress: true,
                ..Capabilities::default()
            },
        )
    }

    async fn ensure(&self, spec: &InstanceSpec) -> Result<()> {
        validate(spec)?;
        let now = self.clock.now();
        let started = {
            let mut world = self.world();
            if let std::collections::btree_map::Entry::Vacant(e) = world.instances.entry(spec.id) {
                let mut state =
                    InstanceState::new(spec.id, spec.workspace.clone(), InstancePhase::Running);
                state.started_at = Some(now);
                e.insert(state);
                true
            } else {
                false
            }
        };
        if started {
            self.hint(spec.id);
        }
        Ok(())
    }

    async fn inspect(&self, id: InstanceId) -> Result<Option<InstanceState>> {
        Ok(self.world().instances.get(&id).cloned())
    }

    async fn list(&self) -> Result<Vec<InstanceState>> {
        Ok(self.world().instances.values().cloned().collect())
    }

    async fn stop(&self, id: InstanceId, mode: StopMode) -> Result<()> {
        let exit = match mode {
            StopMode::Graceful(_) => Exit::with_code(0),
            StopMode::Kill => {
                let mut exit = Exit::default();
                exit.signal = Some(9);
                exit
            }
        };
        self.finish(id, exit);
        Ok(())
    }

    async fn remove(&self, id: InstanceId) -> Result<()> {
        self.lose(id);
        Ok(())
    }

    async fn dial(&self, id: InstanceId, port: u16) -> Result<BoxedIo> {
        let listener = {
            let world = self.world();
            match world.instances.get(&id).map(|state| &state.phase) {
                None => {
                    return Err(Error::not_found("no such instance").with_context("instance", id));
                }
                Some(InstancePhase::Running) => world.ports.get(&(id, port)).cloned(),
                Some(InstancePhase::Creating | InstancePhase::Exited(_)) => {
                    return Err(Error::new(
                        ErrorKind::FailedPrecondition,
                        "the instance does not run",
                    )
                    .with_context("instance", id));
                }
            }
        };
        let (near, far) = duplex(BUFFER);
        match listener.map(|sender| sender.try_send(far)) {
            Some(Ok(())) => Ok(Box::pin(near)),
            Some(Err(_)) | None => Err(Error::new(
                ErrorKind::Unavailable,
                "nothing listens on that port",
            )
            .with_context("port", port)),
        }
    }

    fn watch(&self) -> BoxStream<'static, InstanceId> {
        // A lagging watcher misses hints; the contract allows it.
        BroadcastStream::new(self.hints.subscribe())
            .filter_map(|hint| async { hint.ok() })
            .boxed()
    }
}
