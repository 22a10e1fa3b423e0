use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe;

use crate::supervisor::pipes::Output;
use crate::supervisor::pty::{Master, Size};

/// What a command wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    Stdout(Bytes),
    Stderr(Bytes),
}

/// Where a command writes to.
#[derive(Debug)]
pub(crate) enum ExecIo {
    Pipes { stdout: Output, stderr: Output },
    Terminal(Arc<Master>),
}

impl ExecIo {
    /// What comes next; `None` when nothing more will.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub(crate) async fn next(&mut self) -> Option<Written> {
        match self {
            Self::Pipes { stdout, stderr } => tokio::select! {
                Some(data) = stdout.next() => Some(Written::Stdout(data)),
                Some(data) = stderr.next() => Some(Written::Stderr(data)),
                else => None,
            },
            Self::Terminal(master) => {
                let mut buffer = vec![0; 16 * 1024];
                match master.read(&mut buffer).await {
                    Ok(count @ 1..) => {
                        buffer.truncate(count);
                        Some(Written::Stdout(buffer.into()))
                    }
                    Ok(0) | Err(_) => None,
                }
            }
        }
    }
}

/// Where a command reads from.
#[derive(Debug)]
pub(crate) enum Input {
    /// `None` once it was ended.
    Pipe(Option<pipe::Sender>),
    Terminal(Arc<Master>),
}

impl Input {
    /// Gives it some of `data` and says how much; nothing at all ends the input (types the end-of-file character into a
    /// terminal).
    ///
    /// # Errors
    /// The command reads no more.
    ///
    /// # Cancellation
    /// Nothing was given.
    pub(crate) async fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        const END_OF_FILE: &[u8] = &[4];
        match self {
            Self::Pipe(end) if data.is_empty() => {
                *end = None;
                Ok(0)
            }
            Self::Pipe(None) => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
            Self::Pipe(Some(sender)) => sender.write(data).await,
            Self::Terminal(master) if data.is_empty() => master.write(END_OF_FILE).await.map(|_| 0),
            Self::Terminal(master) => master.write(data).await,
        }
    }

    /// Resizes its terminal, if it has one.
    pub(crate) fn resize(&self, size: Size) {
        if let Self::Terminal(master) = self {
            // A terminal that is gone needs no size.
            let _ = master.resize(size);
        }
    }
}
