//! What a case is, and what cases are made of.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::instance::{Exit, InstancePhase, InstanceSpec};
use gitpod_core::{Error, InstanceId, Result, WorkspaceId};
use libtest_mimic::Failed;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, sleep, timeout};

use super::Harness;
use crate::{Capabilities, Command, Process, StopMode, WorkspaceRuntime};

/// No case may take longer; slower than any real backend, so that a hang is a failure and not a lost CI run.
const CASE_LIMIT: Duration = Duration::from_mins(1);
/// How long a case waits for something to become true.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes read from a guest at most.
const MAX_OUTPUT: u64 = 1 << 20;

/// A capability that a case needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Processes,
    Exec,
    Pty,
    Dial,
    Readopt,
    Isolation,
    Egress,
    Memory,
    Cpu,
    Pids,
}

impl Need {
    pub(super) fn is_met(self, has: Capabilities) -> bool {
        match self {
            Self::Processes => has.processes,
            Self::Exec => has.exec,
            Self::Pty => has.pty,
            Self::Dial => has.dial,
            Self::Readopt => has.readopt,
            Self::Isolation => has.isolation,
            Self::Egress => has.egress,
            Self::Memory => has.memory_limit,
            Self::Cpu => has.cpu_limit,
            Self::Pids => has.pids_limit,
        }
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Processes => "needs processes",
            Self::Exec => "needs exec",
            Self::Pty => "needs pty",
            Self::Dial => "needs dial",
            Self::Readopt => "needs readopt",
            Self::Isolation => "needs isolation",
            Self::Egress => "needs egress",
            Self::Memory => "needs memory_limit",
            Self::Cpu => "needs cpu_limit",
            Self::Pids => "needs pids_limit",
        }
    }
}

pub(super) type Body = fn(Arc<Bench>) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One promise, one case.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) needs: &'static [Need],
    pub(super) body: Body,
}

impl Case {
    /// Runs the case, removes what it made, and compares what the harness can see of leftovers.
    pub(super) fn run(&self, harness: Arc<dyn Harness>) -> Result<(), Failed> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let before = harness.residue();
            let bench = Arc::new(Bench {
                harness: Arc::clone(&harness),
                made: std::sync::Mutex::default(),
            });
            let outcome = timeout(CASE_LIMIT, (self.body)(Arc::clone(&bench))).await;
            bench
                .clean_up()
                .await
                .map_err(|e| Failed::from(format!("cannot clean up: {e:?}")))?;
            match outcome {
                Ok(result) => result.map_err(|e| Failed::from(format!("{e:?}")))?,
                Err(_) => return Err(Failed::from(format!("not done within {CASE_LIMIT:?}"))),
            }
            let after = until(PATIENCE, || async {
                let after = harness.residue();
                Ok(after.is_subset(&before).then_some(()))
            });
            if after.await.is_ok() {
                Ok(())
            } else {
                let left: Vec<_> = harness.residue().difference(&before).cloned().collect();
                Err(Failed::from(format!("left behind: {left:?}")))
            }
        })
    }
}

/// What a case works with.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) harness: Arc<dyn Harness>,
    made: std::sync::Mutex<Vec<InstanceId>>,
}

impl Bench {
    pub(super) fn runtime(&self) -> Arc<dyn WorkspaceRuntime> {
        self.harness.runtime()
    }

    /// A specification whose command is a guest program.
    pub(super) fn spec(&self, guest: &[&str]) -> InstanceSpec {
        let id = InstanceId::random();
        self.made
            .lock()
            .expect("because no holder of this lock can panic")
            .push(id);
        let suffix: String = id
            .to_string()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        let workspace = WorkspaceId::parse(&format!("conform-case-{suffix}"))
            .expect("because the first eight hex digits of a UUID fit the last part");
        let program = self.harness.guest();
        let mut spec = InstanceSpec::new(id, workspace, program.argv(guest));
        spec.rootfs = self.harness.rootfs();
        spec.mounts = program.mounts;
        spec.env = vec![(String::from("PATH"), String::from("/usr/bin:/bin"))];
        spec
    }

    /// A running instance that does nothing.
    pub(super) async fn idle(&self) -> Result<InstanceSpec> {
        let spec = self.spec(&["sleep"]);
        self.runtime().ensure(&spec).await?;
        Ok(spec)
    }

    /// A guest program as a command for `exec`.
    pub(super) fn command(&self, guest: &[&str]) -> Command {
        Command::new(self.harness.guest().argv(guest))
    }

    /// Runs a guest program inside `id` to its end.
    pub(super) async fn run(&self, id: InstanceId, guest: &[&str]) -> Result<Finished> {
        let process = self.runtime().exec(id, &self.command(guest)).await?;
        finish(process).await
    }

    /// Waits until the instance's command ended.
    pub(super) async fn exit(&self, id: InstanceId) -> Result<Exit> {
        let runtime = self.runtime();
        until(PATIENCE, || async {
            Ok(match runtime.inspect(id).await?.map(|state| state.phase) {
                Some(InstancePhase::Exited(exit)) => Some(exit),
                Some(InstancePhase::Creating | InstancePhase::Running) => None,
                None => return Err(Error::unexpected("the instance is gone, nobody removed it")),
            })
        })
        .await
    }

    async fn clean_up(&self) -> Result<()> {
        let made = std::mem::take(
            &mut *self
                .made
                .lock()
                .expect("because no holder of this lock can panic"),
        );
        let runtime = self.runtime();
        for id in made {
            runtime.stop(id, StopMode::Kill).await?;
            runtime.remove(id).await?;
        }
        Ok(())
    }
}

/// What a guest program left.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) exit: Exit,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Closes a process' input, reads its output and waits for its end.
pub(super) async fn finish(mut process: Process) -> Result<Finished> {
    drop(process.stdin.take());
    let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
    let read = |stream: Option<Pin<Box<dyn tokio::io::AsyncRead + Send>>>| async move {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // A terminal answers EIO when its other side is gone: the output ends there.
            let _ = stream.take(MAX_OUTPUT).read_to_end(&mut bytes).await;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (stdout, stderr) = tokio::join!(read(stdout), read(stderr));
    let exit = process.control.wait().await?;
    Ok(Finished {
        exit,
        stdout,
        stderr,
    })
}

/// Asks `probe` until it answers `Some`.
pub(super) async fn until<T, F>(patience: Duration, mut probe: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = probe().await? {
            return Ok(found);
        }
        if Instant::now() >= deadline {
            return Err(Error::unexpected(format!(
                "it did not happen within {patience:?}"
            )));
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Fails the case unless `claim` holds.
pub(super) fn check(claim: bool, message: impl FnOnce() -> String) -> Result<()> {
    if claim {
        Ok(())
    } else {
        Err(Error::unexpected(message()))
    }
}

/// Fails the case unless `result` is an error of `kind`.
pub(super) fn refuses<T>(
    result: Result<T>,
    kind: gitpod_core::ErrorKind,
    what: &str,
) -> Result<()> {
    match result {
        Ok(_) => Err(Error::unexpected(format!(
            "{what}: succeeded, expected {kind:?}"
        ))),
        Err(error) => check(error.kind() == kind, || {
            format!("{what}: expected {kind:?}, got {error:?}")
        }),
    }
}

/// A table of cases from async functions.
macro_rules! cases {
    ($($(#[doc = $doc:literal])* $name:literal $needs:tt => $body:path;)*) => {
        pub(super) const CASES: &[$crate::conformance::case::Case] = &[
            $($crate::conformance::case::Case {
                name: $name,
                needs: &$needs,
                body: |bench| Box::pin($body(bench)),
            },)*
        ];
    };
}

pub(super) use cases;
