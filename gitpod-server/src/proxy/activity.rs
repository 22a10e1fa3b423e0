//! Traffic of an editor means that somebody uses the workspace.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use gitpod_core::WorkspaceId;
use gitpod_core::access::Principal;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::Platform;

/// How often a workspace is marked at most: each mark is a write to the store.
const EVERY: Duration = Duration::from_secs(30);

/// How many workspaces are remembered; beyond it those marked long ago are forgotten.
const KEPT: usize = 1024;

/// Marks workspaces as used, not too often.
#[derive(Debug)]
pub(crate) struct Activity {
    platform: Platform,
    marked: Mutex<HashMap<WorkspaceId, Instant>>,
    tasks: TaskTracker,
}

impl Activity {
    pub(crate) fn new(platform: Platform, tasks: TaskTracker) -> Self {
        Self {
            platform,
            marked: Mutex::default(),
            tasks,
        }
    }

    /// Notes that somebody uses `workspace` now. Returns at once.
    pub(crate) fn note(&self, workspace: &WorkspaceId) {
        if !self.is_due(workspace, Instant::now()) {
            return;
        }
        let (platform, workspace) = (self.platform.clone(), workspace.clone());
        self.tasks.spawn(async move {
            if let Err(error) = platform.mark_active(&Principal::System, &workspace).await {
                tracing::debug!(%workspace, %error, "cannot mark the workspace as active");
            }
        });
    }

    fn is_due(&self, workspace: &WorkspaceId, now: Instant) -> bool {
        let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = |at: &Instant| now.duration_since(*at) >= EVERY;
        if marked.get(workspace).is_some_and(|at| !due(at)) {
            return false;
        }
        if marked.len() >= KEPT {
            marked.retain(|_, at| !due(at));
        }
        marked.insert(workspace.clone(), now);
        true
    }
}

/// How often a stream tells of bytes at most.
const TELL: Duration = Duration::from_secs(1);

/// A stream that calls back when bytes were read from it, at most once per [`TELL`].
pub(crate) struct Watched<T, F> {
    inner: T,
    on_read: F,
    told: Option<Instant>,
    pause: Duration,
}

impl<T, F> Watched<T, F> {
    pub(crate) fn new(inner: T, on_read: F) -> Self {
        Self {
            inner,
            on_read,
            told: None,
            pause: TELL,
        }
    }
}

impl<T: AsyncRead + Unpin, F: FnMut() + Unpin> AsyncRead for Watched<T, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            let now = Instant::now();
            if self
                .told
                .is_none_or(|told| now.duration_since(told) >= self.pause)
            {
                self.told = Some(now);
                (self.on_read)();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin, F: Unpin> AsyncWrite for Watched<T, F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// How often a stream tells that is read byte by byte, three times, and then ends.
    async fn told(pause: Duration) -> u32 {
        let (mut near, far) = tokio::io::duplex(64);
        let told = AtomicU32::new(0);
        let mut watched = Watched::new(far, || {
            told.fetch_add(1, Ordering::Relaxed);
        });
        watched.pause = pause;
        let mut byte = [0];
        for _ in 0..3 {
            near.write_all(b"x").await.unwrap();
            watched.read_exact(&mut byte).await.unwrap();
        }
        drop(near);
        assert_eq!(watched.read(&mut byte).await.unwrap(), 0);
        told.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn tells_of_bytes_but_not_too_often_and_not_of_the_end() {
        assert_eq!(told(Duration::from_hours(1)).await, 1);
        assert_eq!(told(Duration::ZERO).await, 3);
    }
}
