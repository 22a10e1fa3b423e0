use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::Result;
use gitpod_core::instance::{Network, RunAs};
use gitpod_core::job::{Job, JobOutput, JobRunner};
use gitpod_core::mount::Mount;

use super::GitConfig;
use super::failure::{Attempt, failure};
use super::policy;
use super::remote::{Protocol, Remote};
use super::room::{Room, Scratch};

/// The git executable, and the runner that confines it.
#[derive(Debug, Clone)]
pub(super) struct Git {
    pub(super) runner: Arc<dyn JobRunner>,
    pub(super) config: GitConfig,
}

/// What the commands of one operation have in common.
#[derive(Debug)]
pub(super) struct Session<'a> {
    git: &'a Git,
    /// Kept for its files.
    pub(super) scratch: Scratch,
    mounts: Vec<Mount>,
    network: Network,
    protocols: Vec<Protocol>,
    ssh: Option<String>,
    cwd: PathBuf,
    run_as: RunAs,
    timeout: Duration,
    max_output: usize,
    /// Whether what is sent and received is told on standard error.
    traced: bool,
}

impl Git {
    /// A session that speaks to `remote`.
    pub(super) async fn online(&self, remote: &Remote) -> Result<Session<'_>> {
        let mut session = self.session(policy::for_remote(remote)).await?;
        session.mounts.extend(remote.mounts());
        session.network = remote.network();
        session.protocols = vec![remote.protocol];
        session.ssh = Some(policy::ssh_command(remote));
        Ok(session)
    }

    /// A session that speaks to nobody.
    pub(super) async fn offline(&self) -> Result<Session<'_>> {
        self.session(policy::offline()).await
    }

    async fn session(&self, policy: String) -> Result<Session<'_>> {
        let parent = self.config.scratch_dir.as_deref();
        let scratch = Scratch::new(parent, policy, self.runner.confined()).await?;
        Ok(Session {
            git: self,
            scratch,
            mounts: Vec::new(),
            network: Network::None,
            protocols: Vec::new(),
            ssh: None,
            cwd: PathBuf::from("/"),
            run_as: RunAs::GITPOD,
            timeout: self.config.query_timeout(),
            max_output: 1 << 20,
            traced: false,
        })
    }
}

impl Session<'_> {
    /// Lets the commands see `room`, and run in it.
    pub(super) fn enter(&mut self, room: &Room) {
        // First, so that a repository of this machine that lies below the same path is not hidden.
        self.mounts.insert(0, room.mount.clone());
        self.cwd.clone_from(&room.seen);
    }

    /// Lets the commands see more.
    pub(super) fn see(&mut self, mounts: Vec<Mount>) {
        self.mounts.extend(mounts);
    }

    pub(super) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    pub(super) fn set_max_output(&mut self, max_output: usize) {
        self.max_output = max_output;
    }

    /// Lets the commands tell on standard error what they send and receive.
    pub(super) fn set_traced(&mut self, traced: bool) {
        self.traced = traced;
    }

    /// Runs `git arguments…`; fails unless it ends with 0.
    pub(super) async fn run(&self, attempt: &Attempt<'_>, arguments: &[&str]) -> Result<JobOutput> {
        self.run_with(attempt, arguments, Vec::new()).await
    }

    /// Runs `git arguments…` with this on its standard input; fails unless it ends with 0.
    pub(super) async fn run_with(
        &self,
        attempt: &Attempt<'_>,
        arguments: &[&str],
        stdin: Vec<u8>,
    ) -> Result<JobOutput> {
        let mut job = self.job(attempt.what, arguments);
        job.stdin = stdin;
        let output = self.git.runner.run(&job).await?;
        if output.exit.is_success() && !output.timed_out {
            Ok(output)
        } else {
            Err(failure(attempt, &output))
        }
    }

    /// Runs `git arguments…`, however it ends.
    pub(super) async fn try_run(&self, what: &str, arguments: &[&str]) -> Result<JobOutput> {
        self.git.runner.run(&self.job(what, arguments)).await
    }

    fn job(&self, what: &str, arguments: &[&str]) -> Job {
        let config = &self.git.config;
        let command = std::iter::once(config.program.as_str())
            .chain(arguments.iter().copied())
            .map(str::to_owned)
            .collect();
        let (policy_mount, policy) = self.scratch.policy();
        let mut job = Job::new(what, command);
        job.cwd.clone_from(&self.cwd);
        job.run_as = self.run_as;
        job.network = self.network;
        job.timeout = self.timeout;
        job.max_output = self.max_output;
        job.mounts.clone_from(&self.mounts);
        job.mounts.push(policy_mount);
        job.env = self.environment(&policy.display().to_string());
        job
    }

    fn environment(&self, policy: &str) -> Vec<(String, String)> {
        let protocols: Vec<&str> = self.protocols.iter().map(|p| p.name()).collect();
        let protocols = protocols.join(":");
        let fixed = [
            ("PATH", self.git.config.path.as_str()),
            ("HOME", "/nonexistent"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", policy),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            // Empty means none, not all.
            ("GIT_ALLOW_PROTOCOL", protocols.as_str()),
            ("GIT_SSH_COMMAND", self.ssh.as_deref().unwrap_or("false")),
        ];
        let traced = self.traced.then_some(("GIT_TRACE_PACKET", "2"));
        fixed
            .into_iter()
            .chain(traced)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}
