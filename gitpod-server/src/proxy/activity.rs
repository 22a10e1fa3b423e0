//! Requests that a person made mean that somebody uses the workspace.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gitpod_core::WorkspaceId;
use gitpod_core::access::Principal;
use http::{HeaderMap, Method};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::entrance::is_navigation;
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

/// Whether a person meant this request: they followed a link, entered an address or loaded a page anew.
///
/// What pages and editors ask for on their own (heartbeats, reloads by a script, open sockets) is no sign of a person. Who types
/// is noticed inside the workspace, by its supervisor.
pub(super) fn is_deliberate(method: &Method, headers: &HeaderMap) -> bool {
    let has = |name: &str| headers.get(name).is_some_and(|value| value == "?1");
    // Clients that do not send these headers at all cannot tell the difference.
    let tells = headers.contains_key("sec-fetch-mode");
    is_navigation(method, headers) && (has("sec-fetch-user") || !tells)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn deliberate(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        is_deliberate(&Method::GET, &headers)
    }

    #[test]
    fn a_page_that_a_person_opened_counts_and_one_that_reloads_itself_does_not() {
        let page = ("accept", "text/html,*/*;q=0.8");
        let navigate = ("sec-fetch-mode", "navigate");
        let document = ("sec-fetch-dest", "document");
        assert!(deliberate(&[
            page,
            navigate,
            document,
            ("sec-fetch-user", "?1")
        ]));
        assert!(!deliberate(&[page, navigate, document]));
        assert!(!deliberate(&[
            ("accept", "*/*"),
            ("sec-fetch-mode", "cors")
        ]));
        assert!(deliberate(&[page]), "an old browser");
        assert!(!deliberate(&[("accept", "*/*")]), "a script");
    }
}
