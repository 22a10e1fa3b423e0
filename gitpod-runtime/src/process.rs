use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;

use async_trait::async_trait;
use gitpod_core::instance::{Exit, RunAs};
use gitpod_core::{Error, Result};
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream in both directions.
pub type BoxedIo = Pin<Box<dyn Duplex>>;

/// What a [`BoxedIo`] can do.
pub trait Duplex: AsyncRead + AsyncWrite + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + 'static> Duplex for T {}

/// Size of a terminal, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PtySize {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// A command to run inside an instance.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Command {
    /// Absolute path (or a name looked up in the command's `PATH`) and arguments.
    pub argv: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Its working directory.
    pub cwd: PathBuf,
    /// As whom.
    pub run_as: RunAs,
    /// A terminal of this size instead of three pipes.
    pub pty: Option<PtySize>,
}

impl Command {
    /// `argv` as the instance's root, in `/`, with a usual `PATH`, without a terminal.
    pub fn new(argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            env: vec![(
                String::from("PATH"),
                String::from("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            )],
            cwd: PathBuf::from("/"),
            run_as: RunAs::ROOT,
            pty: None,
        }
    }
}

/// Steers a running process.
#[async_trait]
pub trait ProcessControl: Send + Sync + 'static {
    /// Sends a signal, by number. A process that ended already is no error.
    ///
    /// # Errors
    /// The runtime cannot be reached.
    async fn signal(&self, signal: i32) -> Result<()>;

    /// Resizes its terminal.
    ///
    /// # Errors
    /// [`Unsupported`](gitpod_core::ErrorKind::Unsupported) when it has none.
    async fn resize(&self, size: PtySize) -> Result<()> {
        let _ = size;
        Err(Error::unsupported(
            "cannot resize: the process has no terminal",
        ))
    }

    /// Waits for its end; every call gets the same answer.
    ///
    /// # Errors
    /// The runtime cannot be reached.
    async fn wait(&self) -> Result<Exit>;
}

/// A process inside an instance. Dropping it kills the process.
pub struct Process {
    /// Its standard input (its terminal's, if it has one). Drop or shut it down to end the input.
    pub stdin: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    /// Its standard output (its terminal's, if it has one).
    pub stdout: Option<Pin<Box<dyn AsyncRead + Send>>>,
    /// Its standard error; `None` with a terminal.
    pub stderr: Option<Pin<Box<dyn AsyncRead + Send>>>,
    /// Steers it.
    pub control: Box<dyn ProcessControl>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}
