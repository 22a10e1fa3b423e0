use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};

use async_trait::async_trait;
use gitpod_core::instance::Exit;
use gitpod_core::job::{Job, JobOutput, JobRunner};
use gitpod_core::{Error, ErrorKind, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// Runs jobs as plain processes of this machine: the reference for tests and for machines without namespaces.
///
/// **Nothing is confined**: a job runs as the user of this process, sees all files and the whole network, whatever its
/// mounts, `run_as`, `rootfs` and `network` say. Use it for repositories you trust. Limits of time and output hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct DirectRunner;

#[async_trait]
impl JobRunner for DirectRunner {
    fn confined(&self) -> bool {
        false
    }

    async fn run(&self, job: &Job) -> Result<JobOutput> {
        let mut child = spawn(job)?;
        let group = Group::of(&child);
        let stdin = child.stdin.take();
        let fed = async move {
            if let Some(mut stdin) = stdin {
                // A job that does not read it all, or ends before, is none the worse.
                let _ended = stdin.write_all(&job.stdin).await;
            }
        };
        let stdout = tail(child.stdout.take(), job.max_output);
        let stderr = tail(child.stderr.take(), job.max_output);
        let ended = async {
            let exit = child.wait().await;
            // Whoever still holds the pipes is of no use to a job that ended.
            drop(group);
            exit
        };
        let all = async {
            let ((exit, ()), stdout, stderr) =
                tokio::join!(async { tokio::join!(ended, fed) }, stdout, stderr);
            (exit, stdout, stderr)
        };
        if let Ok((exit, stdout, stderr)) = tokio::time::timeout(job.timeout, all).await {
            return Ok(output(exit.map_err(lost(job))?, stdout, stderr));
        }
        // The group died with the future that held its guard; what is left to do is to reap the leader.
        let exit = child.wait().await.map_err(lost(job))?;
        let mut output = output(exit, Vec::new(), Vec::new());
        output.timed_out = true;
        Ok(output)
    }
}

fn spawn(job: &Job) -> Result<Child> {
    let (program, arguments) = job
        .command
        .split_first()
        .ok_or_else(|| Error::invalid("a job needs a command").with_context("job", &job.name))?;
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(job.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&job.cwd)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| {
            Error::new(ErrorKind::FailedPrecondition, "cannot start a job")
                .with_context("job", &job.name)
                .with_context("program", program)
                .with_hint(format!("install `{program}` on this machine"))
                .with_source(source)
        })
}

fn lost(job: &Job) -> impl Fn(std::io::Error) -> Error + '_ {
    |source| {
        Error::unexpected("cannot learn how a job ended")
            .with_context("job", &job.name)
            .with_source(source)
    }
}

fn output(status: ExitStatus, stdout: Vec<u8>, stderr: Vec<u8>) -> JobOutput {
    let mut exit = Exit::default();
    exit.code = status.code();
    exit.signal = status.signal();
    let mut output = JobOutput::default();
    output.exit = exit;
    output.stdout = stdout;
    output.stderr = stderr;
    output
}

/// Reads `stream` to its end and keeps the last `max` bytes.
async fn tail(stream: Option<impl AsyncRead + Unpin>, max: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else {
        return kept;
    };
    let mut chunk = vec![0; 16 * 1024];
    // A pipe that breaks ends the output, nothing more: the exit status tells how the job went.
    while let Ok(n @ 1..) = stream.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..n]);
        // Cut in bulk, so that a chatty job costs amortised constant time per byte.
        if kept.len() > max.saturating_mul(2).max(chunk.len()) {
            kept.drain(..kept.len() - max);
        }
    }
    kept.drain(..kept.len().saturating_sub(max));
    kept
}

/// Kills the job's process group when dropped: git's helpers do not outlive it.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw),
        )
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // Fails when all of the group are gone, which is what is wanted.
            let _gone = kill_process_group(pid, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn job(command: &[&str]) -> Job {
        let mut job = Job::new("test", command.iter().map(|&s| s.to_owned()).collect());
        job.env = vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
        job
    }

    #[tokio::test]
    async fn keeps_the_tail_of_the_output_and_the_exit_code() {
        let mut job = job(&["sh", "-c", "seq 100000; echo oops >&2; exit 7"]);
        job.max_output = 12;
        let output = DirectRunner.run(&job).await.unwrap();
        assert_eq!(output.exit.code, Some(7));
        assert_eq!(output.stdout, b"99999\n100000\n"[1..].to_vec());
        assert_eq!(output.stderr, b"oops\n");
        assert!(!output.timed_out);
    }

    #[tokio::test]
    async fn gives_the_input_and_does_not_mind_who_ignores_it() {
        let mut reads = job(&["cat"]);
        reads.stdin = vec![b'x'; 300_000];
        let output = DirectRunner.run(&reads).await.unwrap();
        assert_eq!(output.stdout, reads.stdin);
        let mut ignores = job(&["true"]);
        ignores.stdin = vec![b'x'; 300_000];
        assert!(DirectRunner.run(&ignores).await.unwrap().exit.is_success());
    }

    #[tokio::test]
    async fn kills_the_whole_group_when_time_is_up() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("mark");
        let script = format!("(sleep 2; touch {}) & wait", mark.display());
        let mut job = job(&["sh", "-c", &script]);
        job.timeout = Duration::from_millis(200);
        let output = DirectRunner.run(&job).await.unwrap();
        assert!(output.timed_out);
        assert_eq!(output.exit.signal, Some(9));
        tokio::time::sleep(Duration::from_millis(2200)).await;
        assert!(!mark.exists(), "a grandchild outlived its job");
    }

    #[tokio::test]
    async fn does_not_wait_for_a_daemon_that_kept_the_pipes() {
        let mut job = job(&["sh", "-c", "sleep 60 & exit 0"]);
        job.timeout = Duration::from_secs(20);
        let output = DirectRunner.run(&job).await.unwrap();
        assert!(!output.timed_out);
        assert!(output.exit.is_success());
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error = DirectRunner.run(&job(&["no-such-git"])).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
        assert!(error.hint().unwrap().contains("no-such-git"));
    }
}
