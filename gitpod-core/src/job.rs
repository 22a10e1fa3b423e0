//! Jobs: commands that touch hostile bytes (clone, checkout, unpack) and therefore run confined.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::Result;
use crate::image::RootFs;
use crate::instance::{Exit, Network, RunAs};
use crate::mount::Mount;

/// A command that runs to its end.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Job {
    /// What it is, for logs and errors: `git clone`.
    pub name: String,
    /// Absolute path (or a name looked up in the job's `PATH`) and arguments. Never a shell string.
    pub command: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// What its standard input gives before it ends.
    pub stdin: Vec<u8>,
    /// Working directory.
    pub cwd: PathBuf,
    /// As whom.
    pub run_as: RunAs,
    /// The tools.
    pub rootfs: RootFs,
    /// The files it sees beside the tools; all else is hidden.
    pub mounts: Vec<Mount>,
    /// Its network.
    pub network: Network,
    /// Killed after this.
    pub timeout: Duration,
    /// Kept of stdout and of stderr each (the tail); more is read and dropped.
    pub max_output: usize,
}

impl Job {
    /// A job as the instance's root, with the host's tools, no input, no network, 10 minutes, 1 MiB of output.
    pub fn new(name: impl Into<String>, command: Vec<String>) -> Self {
        Self {
            name: name.into(),
            command,
            env: Vec::new(),
            stdin: Vec::new(),
            cwd: PathBuf::from("/"),
            run_as: RunAs::ROOT,
            rootfs: RootFs::Host,
            mounts: Vec::new(),
            network: Network::None,
            timeout: Duration::from_mins(10),
            max_output: 1 << 20,
        }
    }
}

/// What a job left.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct JobOutput {
    /// How it ended.
    pub exit: Exit,
    /// Tail of its standard output.
    pub stdout: Vec<u8>,
    /// Tail of its standard error.
    pub stderr: Vec<u8>,
    /// Whether it was killed for its time limit.
    pub timed_out: bool,
}

/// Runs jobs. Implemented by runtimes; used by content initializers.
#[async_trait]
pub trait JobRunner: fmt::Debug + Send + Sync + 'static {
    /// Whether jobs see their mounts at the mounts' targets (`true`), or run on the node's own files and must use the mounts'
    /// sources instead (`false`: the reference implementation for tests and machines without namespaces).
    fn confined(&self) -> bool;

    /// Runs `job` to its end.
    ///
    /// # Behavior
    /// A job that fails is not an error: look at [`JobOutput::exit`]. Nothing of the job is left when this returns.
    ///
    /// # Errors
    /// The job could not be started.
    ///
    /// # Cancellation
    /// Dropping the future kills the job.
    async fn run(&self, job: &Job) -> Result<JobOutput>;
}
