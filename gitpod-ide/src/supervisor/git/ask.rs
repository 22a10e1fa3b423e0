use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::git::GitStatus;
use gitpod_core::git::porcelain::{parse_log, parse_status};
use rustix::process::Signal;
use tokio::time::timeout;

use crate::supervisor::account::Account;
use crate::supervisor::environment;
use crate::supervisor::pipes::Output;
use crate::supervisor::process::{Processes, Program, Stdio3, wait};

const PATIENCE: Duration = Duration::from_secs(20);
/// Of one command's output; names beyond it are not counted.
const MAX_OUTPUT: usize = 8 << 20;

/// The main repository and how to ask git about it.
#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) processes: Arc<Processes>,
    pub(crate) root: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) account: Account,
}

impl Repository {
    /// Its status; `None` when there is no repository.
    ///
    /// # Errors
    /// Git cannot be run, or takes too long.
    pub(crate) async fn status(&self) -> io::Result<Option<GitStatus>> {
        if !self.root.join(".git").exists() {
            return Ok(None);
        }
        let args = [
            "status",
            "--porcelain=v2",
            "--branch",
            "-z",
            "--untracked-files=all",
        ];
        let Some(output) = self.git(&args).await? else {
            return Ok(None);
        };
        let mut status = parse_status(&output);
        if !status.latest_commit.is_empty() {
            let unpushed = ["--branches", "--not", "--remotes"];
            let count = self
                .git(&[&["rev-list", "--count"], &unpushed[..]].concat())
                .await?;
            let count = count.and_then(|text| String::from_utf8_lossy(&text).trim().parse().ok());
            status.total_unpushed_commits = count.unwrap_or(0);
        }
        if status.total_unpushed_commits > 0 {
            let log = [
                "log",
                "-z",
                "--max-count=100",
                "--format=%H: %s",
                "--branches",
                "--not",
                "--remotes",
            ];
            status.unpushed_commits = parse_log(&self.git(&log).await?.unwrap_or_default());
        }
        Ok(Some(status))
    }

    /// What git prints; `None` when it fails. It runs as the user, and takes no locks and no hooks of the repository.
    async fn git(&self, args: &[&str]) -> io::Result<Option<Vec<u8>>> {
        let fixed = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false"];
        let mut env = self.env.clone();
        environment::set(&mut env, "GIT_TERMINAL_PROMPT", "0");
        environment::set(&mut env, "LC_ALL", "C");
        let program = Program {
            argv: fixed
                .iter()
                .chain(args)
                .map(|&argument| argument.to_owned())
                .collect(),
            env,
            cwd: self.root.clone(),
            account: self.account.clone(),
        };
        let mut child = self.processes.spawn(program.command(Stdio3 {
            stdin: Stdio::null(),
            stdout: Stdio::piped(),
            stderr: Stdio::null(),
        }))?;
        let mut output = Output::new(child.stdout.take())?;
        let run = async {
            let output = output.read_up_to(MAX_OUTPUT).await;
            if output.len() == MAX_OUTPUT {
                self.processes.signal(child.pid, Signal::KILL);
                return (output, 0);
            }
            (output, wait(&mut child.exit).await.code())
        };
        match timeout(PATIENCE, run).await {
            Ok((output, 0)) => Ok(Some(output)),
            Ok(_) => Ok(None),
            Err(_) => {
                self.processes.signal(child.pid, Signal::KILL);
                Err(io::Error::from(io::ErrorKind::TimedOut))
            }
        }
    }
}
