//! Who takes part.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use gitpod_core::class::Resources;
use gitpod_core::instance::{InstancePhase, InstanceSpec};
use gitpod_core::mount::Mount;
use gitpod_core::{InstanceId, WorkspaceId};
use gitpod_runtime::WorkspaceRuntime as _;
use gitpod_runtime::sandbox::{SandboxConfig, SandboxRuntime};
use tokio::runtime::Runtime;

use crate::{bundle, payload};

pub(crate) const MEMORY: u64 = 512 << 20;
pub(crate) const PIDS: u32 = 512;

pub(crate) trait Contender {
    fn name(&self) -> &str;
    /// What exactly was measured.
    fn what(&self) -> &'static str;
    /// Milliseconds from the call to the program's first instruction.
    fn start(&mut self) -> Result<f64>;
}

pub(crate) struct Sandbox {
    runtime: SandboxRuntime,
    executor: Runtime,
    payload: PathBuf,
}

impl Sandbox {
    pub(crate) fn open(directory: &Path, payload: &Path) -> Result<Self> {
        let executor = Runtime::new().context("no executor")?;
        let mut config = SandboxConfig::new(directory.join("state"));
        config.egress = false;
        let runtime = executor.block_on(config.build())?;
        Ok(Self {
            runtime,
            executor,
            payload: payload.to_owned(),
        })
    }
}

impl Contender for Sandbox {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn what(&self) -> &'static str {
        "WorkspaceRuntime::ensure with a resident launcher: a shim, all namespaces, id-mapped overlays of the node's tool chain, a record on disk"
    }

    fn start(&mut self) -> Result<f64> {
        let workspace = WorkspaceId::parse("bench-start-00000000")?;
        let mut spec = InstanceSpec::new(
            InstanceId::random(),
            workspace,
            vec![String::from("/stamp")],
        );
        spec.resources = Resources::unlimited()
            .with_memory_bytes(MEMORY)
            .with_pids(PIDS);
        spec.mounts = vec![Mount::Bind {
            source: self.payload.clone(),
            target: PathBuf::from("/stamp"),
            read_only: true,
        }];
        self.executor.block_on(async {
            let before = payload::now();
            self.runtime.ensure(&spec).await?;
            loop {
                let state = self.runtime.inspect(spec.id).await?;
                if state.is_some_and(|state| matches!(state.phase, InstancePhase::Exited(_))) {
                    break;
                }
                tokio::task::yield_now().await;
            }
            let stamp = self.runtime.log_tail(spec.id, 16).await?;
            self.runtime.remove(spec.id).await?;
            payload::elapsed(before, &stamp)
        })
    }
}

/// A command that runs OCI bundles.
pub(crate) struct Oci {
    program: String,
    bundle: PathBuf,
    hybrid: bool,
    number: u32,
}

impl Oci {
    /// Prepares a bundle, if the program is installed.
    pub(crate) fn find(program: &str, directory: &Path, payload: &Path) -> Result<Option<Self>> {
        if Command::new(program).arg("--version").output().is_err() {
            return Ok(None);
        }
        let bundle = directory.join(format!("{program}-bundle"));
        bundle::write(&bundle, payload)?;
        Ok(Some(Self {
            program: program.to_owned(),
            bundle,
            // crun refuses machines with both versions of control groups, unless it cannot see the second.
            hybrid: program == "crun" && Path::new("/sys/fs/cgroup/unified").is_dir(),
            number: 0,
        }))
    }
}

impl Contender for Oci {
    fn name(&self) -> &str {
        &self.program
    }

    fn what(&self) -> &'static str {
        "`run` of a bundle: a process that is started, reads config.json and compiles its filter; root is a read-only directory"
    }

    fn start(&mut self) -> Result<f64> {
        self.number += 1;
        let id = format!("bench-{}-{}", std::process::id(), self.number);
        let mut command = if self.hybrid {
            let mut command = Command::new("unshare");
            command.args([
                "-m",
                "sh",
                "-c",
                "umount /sys/fs/cgroup/unified; read go; exec \"$@\"",
                "sh",
            ]);
            command.arg(&self.program);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", "read go; exec \"$@\"", "sh"]);
            command.arg(&self.program);
            command
        };
        command
            .arg("run")
            .arg("--bundle")
            .arg(&self.bundle)
            .arg(&id);
        run_prepared(command)
    }
}

/// Starts a shell that waits, then lets it become the program: what is measured begins with the `execve`.
fn run_prepared(mut command: Command) -> Result<f64> {
    use std::io::Write as _;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start")?;
    // Until the shell waits. Waiting too long costs nothing but time.
    std::thread::sleep(std::time::Duration::from_millis(50));
    let mut stdin = child.stdin.take().context("no input")?;
    let before = payload::now();
    stdin.write_all(b"go\n").context("cannot let it go on")?;
    drop(stdin);
    let output = child.wait_with_output().context("cannot wait")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    payload::elapsed(before, &output.stdout)
}

/// `docker run`, if a daemon answers.
pub(crate) struct Docker;

const IMAGE: &str = "gitpod-bench-start";

impl Docker {
    pub(crate) fn find(directory: &Path, payload: &Path) -> Result<Option<Self>> {
        let daemon = Command::new("docker")
            .args(["version", "--format", "x"])
            .output();
        if !daemon.is_ok_and(|output| output.status.success()) {
            return Ok(None);
        }
        let context = directory.join("docker");
        std::fs::create_dir(&context).context("cannot prepare an image")?;
        std::fs::copy(payload, context.join("stamp")).context("cannot prepare an image")?;
        std::fs::write(
            context.join("Dockerfile"),
            "FROM scratch\nCOPY stamp /stamp\n",
        )
        .context("cannot prepare an image")?;
        let built = Command::new("docker")
            .args(["build", "-q", "-t", IMAGE])
            .arg(&context)
            .output()
            .context("cannot build an image")?;
        ensure!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        Ok(Some(Self))
    }
}

impl Contender for Docker {
    fn name(&self) -> &'static str {
        "docker"
    }

    fn what(&self) -> &'static str {
        "`docker run --rm --network none` with a resident daemon and its default profile"
    }

    fn start(&mut self) -> Result<f64> {
        let mut command = Command::new("sh");
        command.args(["-c", "read go; exec \"$@\"", "sh", "docker", "run", "--rm"]);
        command.args([
            "--network",
            "none",
            "--memory",
            "512m",
            "--pids-limit",
            "512",
            IMAGE,
            "/stamp",
        ]);
        run_prepared(command)
    }
}
