use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gitpod_core::class::Resources;
use gitpod_core::instance::{Exit, InstancePhase, InstanceSpec, InstanceState};
use gitpod_core::{Clock as _, Error, InstanceId, Result, SystemClock};
use gitpod_runtime::{Capabilities, RuntimeInfo, StopMode, WorkspaceRuntime, validate};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, watch};

/// Instances as plain processes of this machine: no isolation, so only for code you trust.
#[derive(Debug, Clone, Default)]
pub struct ProcessRuntime {
    instances: Arc<Mutex<HashMap<InstanceId, Instance>>>,
}

#[derive(Debug, Clone)]
struct Instance {
    group: Option<Pid>,
    state: watch::Receiver<InstanceState>,
}

#[async_trait]
impl WorkspaceRuntime for ProcessRuntime {
    fn info(&self) -> RuntimeInfo {
        let mut capabilities = Capabilities::default();
        capabilities.processes = true; // claim what you have; the conformance suite checks exactly that
        RuntimeInfo::new("process", capabilities)
    }

    async fn ensure(&self, spec: &InstanceSpec) -> Result<()> {
        validate(spec)?;
        if !spec.mounts.is_empty() || spec.resources != Resources::unlimited() {
            return Err(Error::unsupported(
                "plain processes have neither mounts nor limits",
            ));
        }
        let mut instances = self.instances.lock().await; // held over the spawn: concurrent calls start one
        if instances.contains_key(&spec.id) {
            return Ok(());
        }
        let child = spawn(spec)?;
        let group = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        let phase = InstancePhase::Running;
        let mut state = InstanceState::new(spec.id, spec.workspace.clone(), phase);
        state.started_at = Some(SystemClock.now());
        let (sender, state) = watch::channel(state);
        tokio::spawn(follow(child, sender));
        instances.insert(spec.id, Instance { group, state });
        Ok(())
    }

    async fn inspect(&self, id: InstanceId) -> Result<Option<InstanceState>> {
        let instances = self.instances.lock().await;
        Ok(instances
            .get(&id)
            .map(|instance| instance.state.borrow().clone()))
    }

    async fn list(&self) -> Result<Vec<InstanceState>> {
        let instances = self.instances.lock().await;
        Ok(instances
            .values()
            .map(|instance| instance.state.borrow().clone())
            .collect())
    }

    async fn stop(&self, id: InstanceId, mode: StopMode) -> Result<()> {
        let Some(mut instance) = self.instances.lock().await.get(&id).cloned() else {
            return Ok(());
        };
        if let StopMode::Graceful(grace) = mode {
            instance.signal(Signal::TERM);
            if instance.exited(grace).await {
                return Ok(());
            }
        }
        instance.signal(Signal::KILL);
        instance.exited(Duration::MAX).await;
        Ok(())
    }

    async fn remove(&self, id: InstanceId) -> Result<()> {
        self.stop(id, StopMode::Kill).await?;
        self.instances.lock().await.remove(&id);
        Ok(())
    }
}

impl Instance {
    fn signal(&self, signal: Signal) {
        let running = self.state.borrow().phase == InstancePhase::Running;
        if let (true, Some(group)) = (running, self.group) {
            let _ = kill_process_group(group, signal); // it may have ended in between
        }
    }

    async fn exited(&mut self, within: Duration) -> bool {
        let exited = self
            .state
            .wait_for(|state| state.phase != InstancePhase::Running);
        tokio::time::timeout(within, exited).await.is_ok()
    }
}

fn spawn(spec: &InstanceSpec) -> Result<Child> {
    let mut command = Command::new(&spec.command[0]);
    command
        .args(&spec.command[1..])
        .env_clear()
        .envs(spec.env.iter().cloned());
    command
        .current_dir(&spec.cwd)
        .process_group(0)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command.spawn().map_err(|e| {
        Error::not_found("cannot start the command")
            .with_context("command", &spec.command[0])
            .with_source(e)
    })
}

async fn follow(mut child: Child, state: watch::Sender<InstanceState>) {
    let exit = child.wait().await.map_or_else(|_| Exit::default(), exit_of);
    state.send_modify(|state| state.phase = InstancePhase::Exited(exit));
}

fn exit_of(status: ExitStatus) -> Exit {
    let mut exit = Exit::default();
    (exit.code, exit.signal) = (status.code(), status.signal());
    exit
}
