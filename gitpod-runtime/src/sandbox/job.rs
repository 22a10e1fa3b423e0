//! Jobs: commands in an instance of their own, which ends with them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gitpod_core::instance::{Exit, InstanceSpec};
use gitpod_core::job::{Job, JobOutput, JobRunner};
use gitpod_core::{Error, ErrorKind, InstanceId, Result, WorkspaceId};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::backend::SandboxRuntime;
use super::exec::Pipes;
use super::instances::{Instances, blocking, failed};
use super::link::Link;
use super::protocol::{Reply, Request};

/// What owners of slots that are jobs are called.
pub(super) const OWNER: &str = "job-";

#[async_trait]
impl JobRunner for SandboxRuntime {
    fn confined(&self) -> bool {
        true
    }

    async fn run(&self, job: &Job) -> Result<JobOutput> {
        let shared = Arc::clone(self.shared());
        let job = job.clone();
        // The work goes on to its orderly end even if the caller gives up: dropping `_caller` is what tells it.
        let (_caller, gave_up) = oneshot::channel::<()>();
        match tokio::spawn(run(shared, job, gave_up)).await {
            Ok(result) => result,
            Err(error) => Err(Error::unexpected("a job was cut short").with_source(error)),
        }
    }
}

async fn run(
    shared: Arc<Instances>,
    job: Job,
    gave_up: oneshot::Receiver<()>,
) -> Result<JobOutput> {
    let spec = specification(&job)?;
    let owner = format!("{OWNER}{}", spec.id);
    let slot = shared.claim_slot(owner).await?;
    let result = run_in_slot(&shared, &job, spec, slot, gave_up).await;
    let slots = shared.slots.clone();
    blocking(move || {
        slots
            .release(slot)
            .map_err(|e| failed("cannot free a job's slot", e))
    })
    .await?;
    result
}

fn specification(job: &Job) -> Result<InstanceSpec> {
    let workspace = WorkspaceId::parse("content-job-00000000")?;
    let mut spec = InstanceSpec::new(InstanceId::random(), workspace, job.command.clone());
    spec.hostname = String::from("job");
    spec.rootfs = job.rootfs.clone();
    spec.mounts.clone_from(&job.mounts);
    spec.env.clone_from(&job.env);
    spec.cwd.clone_from(&job.cwd);
    spec.run_as = job.run_as;
    spec.network = job.network;
    let mut checked = spec.clone();
    // A job's program may be a bare name; all else follows the rules of instances.
    if let Some(program) = checked.command.first_mut()
        && !program.is_empty()
        && !program.contains('/')
    {
        program.insert(0, '/');
    }
    crate::validate(&checked).map_err(|error| error.with_context("job", &job.name))?;
    Ok(spec)
}

async fn run_in_slot(
    shared: &Arc<Instances>,
    job: &Job,
    spec: InstanceSpec,
    slot: u32,
    gave_up: oneshot::Receiver<()>,
) -> Result<JobOutput> {
    let mut start = shared.order(spec, slot);
    // Jobs touch hostile bytes and never need to become more than they are.
    start.no_new_privileges = true;
    let pipes = Pipes::new()?;
    let link = shared.new_shim().await?;
    let started = link
        .ask(&Request::Start(Box::new(start)), &pipes.inner)
        .await
        .map_err(|error| error.with_context("job", &job.name))?;
    if !matches!(started, Some((Reply::Started, _))) {
        return Err(died(job));
    }
    drop(pipes.inner);
    tokio::spawn(feed(pipes.stdin, job.stdin.clone()));
    let stdout = tokio::spawn(tail(pipes.stdout, job.max_output));
    let stderr = tokio::spawn(tail(pipes.stderr, job.max_output));
    let outcome = tokio::select! {
        exit = end_of(&link) => exit.map(|exit| (exit, false)),
        () = tokio::time::sleep(job.timeout) => Some((kill(&link).await, true)),
        _ = gave_up => {
            kill(&link).await;
            return Err(Error::new(ErrorKind::Cancelled, "the job's caller gave up"));
        }
    };
    let (exit, timed_out) = outcome.ok_or_else(|| died(job))?;
    let mut output = JobOutput::default();
    output.exit = exit;
    output.timed_out = timed_out;
    output.stdout = stdout.await.unwrap_or_default();
    output.stderr = stderr.await.unwrap_or_default();
    Ok(output)
}

fn died(job: &Job) -> Error {
    Error::new(ErrorKind::Unavailable, "the shim of a job died").with_context("job", &job.name)
}

/// How the job ended; `None` when its shim died.
async fn end_of(link: &Link) -> Option<Exit> {
    let mut exit = None;
    // To the end of the channel: only then is nothing of it left.
    while let Ok(Some((reply, _))) = link.receive().await {
        if let Reply::Exited(how) = reply {
            exit = Some(how);
        }
    }
    exit
}

async fn kill(link: &Link) -> Exit {
    // A shim that cannot be told is dead, and the job with it.
    let _ = link.send(&Request::Stop { grace: 0 }, &[]).await;
    let ended = timeout(Duration::from_secs(30), end_of(link)).await;
    ended.ok().flatten().unwrap_or_else(|| {
        let mut exit = Exit::default();
        exit.signal = Some(libc::SIGKILL);
        exit
    })
}

/// Writes everything, then closes. A job that does not read it all, or ends before, is none the worse.
async fn feed(mut stream: impl AsyncWrite + Unpin, input: Vec<u8>) {
    let _ = stream.write_all(&input).await;
}

/// Reads to the end and keeps the last `most` bytes.
async fn tail(mut stream: impl AsyncRead + Unpin, most: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = [0_u8; 16 * 1024];
    while let Ok(length) = stream.read(&mut buffer).await {
        if length == 0 {
            break;
        }
        kept.extend_from_slice(&buffer[..length]);
        if kept.len() > most.saturating_mul(2).max(buffer.len()) {
            kept.drain(..kept.len() - most);
        }
    }
    let surplus = kept.len().saturating_sub(most);
    kept.drain(..surplus);
    kept
}
