//! A sandbox as the suite's runtime, which leaves nothing of it behind on this machine.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use gitpod_runtime::WorkspaceRuntime;
use gitpod_runtime::conformance::{Harness, run};
use gitpod_runtime::sandbox::{LayerMode, SandboxConfig, SandboxRuntime, reexec};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Opened at the first use: this executable is the suite's guest program too, and guests have no use for a sandbox.
#[derive(Debug)]
struct Sandbox {
    layers: LayerMode,
    opened: OnceLock<Opened>,
}

#[derive(Debug)]
struct Opened {
    runtime: SandboxRuntime,
    config: SandboxConfig,
    // Keeps the runtime's background work going.
    executor: Runtime,
    _directory: TempDir,
}

impl Opened {
    fn new(layers: LayerMode) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut config = SandboxConfig::new(directory.path());
        config.layers = layers;
        config.cgroup_parent = Some(format!("gitpod-conformance-{}", std::process::id()));
        if !rustix::process::geteuid().is_root() {
            config.subnet = Some(own_subnet());
        }
        let executor = Runtime::new().expect("an executor");
        let runtime = executor
            .block_on(config.clone().build())
            .expect("the sandbox opens");
        let info = runtime.info();
        let required = std::env::var("GITPOD_TEST_SANDBOX").is_ok_and(|value| value == "required");
        assert!(
            info.capabilities.egress || !required,
            "no way out to the network: {:?}",
            info.missing
        );
        Self {
            runtime,
            config,
            executor,
            _directory: directory,
        }
    }
}

impl Sandbox {
    fn opened(&self) -> &Opened {
        self.opened.get_or_init(|| Opened::new(self.layers))
    }

    /// Takes everything away, bridge and rules too.
    fn close(&self) {
        if let Some(opened) = self.opened.get() {
            opened
                .executor
                .block_on(opened.runtime.purge())
                .expect("the sandbox closes");
        }
    }
}

/// The suite owns its harness; this handle on it stays outside.
#[derive(Debug, Clone)]
struct Shared(Arc<Sandbox>);

#[async_trait]
impl Harness for Shared {
    fn runtime(&self) -> Arc<dyn WorkspaceRuntime> {
        Arc::new(self.0.opened().runtime.clone())
    }

    async fn restarted(&self) -> Option<Arc<dyn WorkspaceRuntime>> {
        let again = self.0.opened().config.clone().build().await;
        Some(Arc::new(again.expect("a second runtime opens")))
    }

    fn residue(&self) -> BTreeSet<String> {
        let config = &self.0.opened().config;
        let mut found = BTreeSet::new();
        list(&config.state_dir.join("instances"), &mut found);
        list(&config.state_dir.join("slots"), &mut found);
        let parent = config.cgroup_parent.clone().unwrap_or_default();
        for controller in ["memory", "cpu", "pids", "unified", ""] {
            let group = Path::new("/sys/fs/cgroup").join(controller).join(&parent);
            list(&group, &mut found);
        }
        let state = config.state_dir.to_string_lossy().into_owned();
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        found.extend(
            mounts
                .lines()
                .filter(|line| line.contains(&state))
                .map(str::to_owned),
        );
        if let Some(subnet) = &config.subnet {
            ways_out(subnet, &mut found);
        }
        found
    }
}

/// A network for a user's instances that tells their processes from those of other tests.
fn own_subnet() -> String {
    let number = std::process::id() % 1024;
    format!("10.{}.{}.0/20", 64 + number / 16, number % 16 * 16)
}

/// Processes that give instances in `subnet` a way out.
fn ways_out(subnet: &str, found: &mut BTreeSet<String>) {
    let address = subnet.replace(".0/20", ".2");
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        if command.contains(&format!("--address {address} ")) {
            found.insert(command);
        }
    }
}

fn list(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() || directory.ends_with("slots") {
            found.insert(entry.path().display().to_string());
        }
    }
}

/// Runs the suite with overlays made the given way.
pub(crate) fn conforms(layers: LayerMode) -> ExitCode {
    reexec();
    let harness = Shared(Arc::new(Sandbox {
        layers,
        opened: OnceLock::new(),
    }));
    let code = run(harness.clone());
    harness.0.close();
    code
}
