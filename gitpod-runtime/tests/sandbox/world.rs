//! A sandbox of a case's own, and short ways to use it.

use std::path::Path;
use std::time::Duration;

use gitpod_core::instance::{Exit, InstancePhase, InstanceSpec, RunAs};
use gitpod_core::{InstanceId, Result, WorkspaceId};
use gitpod_runtime::sandbox::{LayerMode, SandboxConfig, SandboxRuntime};
use gitpod_runtime::{Command, WorkspaceRuntime as _};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) runtime: SandboxRuntime,
    directory: TempDir,
}

/// What a command left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) async fn new(layers: LayerMode) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = SandboxConfig::new(directory.path().join("state"));
        config.layers = layers;
        let runtime = SandboxRuntime::open(config).await.unwrap();
        Self { runtime, directory }
    }

    /// A directory for this case's files.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn config(&self) -> SandboxConfig {
        SandboxConfig::new(self.path().join("state"))
    }

    pub(crate) async fn close(&self) {
        self.runtime.purge().await.unwrap();
    }

    /// An instance that only waits.
    pub(crate) fn spec() -> InstanceSpec {
        idle()
    }

    pub(crate) async fn start(&self, spec: &InstanceSpec) -> Result<InstanceId> {
        self.runtime.ensure(spec).await?;
        Ok(spec.id)
    }

    /// Runs a shell script as root of the instance.
    pub(crate) async fn sh(&self, id: InstanceId, script: &str) -> Result<Output> {
        self.sh_as(id, RunAs::ROOT, script).await
    }

    pub(crate) async fn sh_as(&self, id: InstanceId, user: RunAs, script: &str) -> Result<Output> {
        let mut command = Command::new(["/bin/sh", "-c", script]);
        command.run_as = user;
        run(&self.runtime, id, &command).await
    }

    /// Waits for the end of an instance.
    pub(crate) async fn exit(&self, id: InstanceId) -> Exit {
        let wait = async {
            loop {
                let state = self.runtime.inspect(id).await.unwrap();
                if let Some(InstancePhase::Exited(exit)) = state.map(|state| state.phase) {
                    return exit;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("it ends")
    }
}

pub(crate) fn idle() -> InstanceSpec {
    let workspace = WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap();
    let command = ["/bin/sleep", "infinity"].map(String::from).to_vec();
    InstanceSpec::new(InstanceId::random(), workspace, command)
}

pub(crate) async fn run(
    runtime: &SandboxRuntime,
    id: InstanceId,
    command: &Command,
) -> Result<Output> {
    let mut process = runtime.exec(id, command).await?;
    drop(process.stdin.take());
    let (mut out, mut err) = (String::new(), String::new());
    let (mut stdout, mut stderr) = (
        process.stdout.take().unwrap(),
        process.stderr.take().unwrap(),
    );
    let read = async {
        let (a, b) = tokio::join!(
            stdout.read_to_string(&mut out),
            stderr.read_to_string(&mut err)
        );
        a.unwrap();
        b.unwrap();
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("output ends");
    let exit = process.control.wait().await?;
    Ok(Output { exit, out, err })
}
