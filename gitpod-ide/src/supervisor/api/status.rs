use std::time::Duration;

use futures::stream::unfold;
use gitpod_core::proto::supervisor as wire;
use gitpod_core::proto::supervisor::status_service_server::StatusService;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tonic::{Request, Response, Status as Trouble};

use super::convert;
use super::observe::{Answers, states};
use super::state::State;
use crate::supervisor::presence::Sign;
use crate::supervisor::resources;

/// `supervisor.StatusService`.
#[derive(Debug)]
pub(super) struct Status(pub(super) State);

type Answer<T> = Result<Response<T>, Trouble>;

#[tonic::async_trait]
impl StatusService for Status {
    async fn supervisor_status(
        &self,
        request: Request<wire::SupervisorStatusRequest>,
    ) -> Answer<wire::SupervisorStatusResponse> {
        let ok = supervisor(&self.0, request.get_ref().will_shutdown).await;
        Ok(Response::new(wire::SupervisorStatusResponse { ok }))
    }

    async fn ide_status(
        &self,
        request: Request<wire::IdeStatusRequest>,
    ) -> Answer<wire::IdeStatusResponse> {
        Ok(Response::new(editor(&self.0, request.get_ref().wait).await))
    }

    type WatchIDEStream = Answers<wire::IdeStatusResponse>;

    async fn watch_ide(&self, _: Request<wire::WatchIdeRequest>) -> Answer<Self::WatchIDEStream> {
        let answers = states(self.0.editor.watch(), true, |status| {
            Some(convert::editor(status))
        });
        Ok(Response::new(answers))
    }

    async fn content_status(
        &self,
        _: Request<wire::ContentStatusRequest>,
    ) -> Answer<wire::ContentStatusResponse> {
        Ok(Response::new(content()))
    }

    async fn backup_status(
        &self,
        _: Request<wire::BackupStatusRequest>,
    ) -> Answer<wire::BackupStatusResponse> {
        Err(Trouble::unimplemented(
            "backups are the platform's business, it knows more",
        ))
    }

    type PortsStatusStream = Answers<wire::PortsStatusResponse>;

    async fn ports_status(
        &self,
        request: Request<wire::PortsStatusRequest>,
    ) -> Answer<Self::PortsStatusStream> {
        Ok(Response::new(ports(&self.0, request.get_ref().observe)))
    }

    type TasksStatusStream = Answers<wire::TasksStatusResponse>;

    async fn tasks_status(
        &self,
        request: Request<wire::TasksStatusRequest>,
    ) -> Answer<Self::TasksStatusStream> {
        Ok(Response::new(tasks(&self.0, request.get_ref().observe)))
    }

    async fn resources_status(
        &self,
        _: Request<wire::ResourcesStatuRequest>,
    ) -> Answer<wire::ResourcesStatusResponse> {
        Ok(Response::new(usage().await))
    }

    type UserActivityStream = Answers<wire::UserActivityResponse>;

    async fn user_activity(
        &self,
        _: Request<wire::UserActivityRequest>,
    ) -> Answer<Self::UserActivityStream> {
        Ok(Response::new(signs(self.0.presence.watch())))
    }
}

/// True: it runs. With `will_shutdown`, answers when it begins to end.
pub(super) async fn supervisor(state: &State, will_shutdown: bool) -> bool {
    if will_shutdown {
        let mut stopping = state.stopping.clone();
        // Gone with the process, that is: at the end.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
    true
}

/// With `wait`, answers when the editor is ready or has failed.
pub(super) async fn editor(state: &State, wait: bool) -> wire::IdeStatusResponse {
    let mut status = state.editor.watch();
    if wait {
        let settled = status.wait_for(|status| status.ready || !status.failure.is_empty());
        // The editor's own handle is in the state we hold.
        let _ = settled.await;
    }
    let status = status.borrow();
    convert::editor(&status)
}

/// The files are there before the supervisor starts.
pub(super) fn content() -> wire::ContentStatusResponse {
    wire::ContentStatusResponse {
        available: true,
        source: wire::ContentSource::FromOther.into(),
    }
}

pub(super) fn ports(state: &State, observe: bool) -> Answers<wire::PortsStatusResponse> {
    states(state.ports.watch(), observe, |views| {
        Some(convert::ports(views))
    })
}

pub(super) fn tasks(state: &State, observe: bool) -> Answers<wire::TasksStatusResponse> {
    states(state.tasks.watch(), observe, |views| {
        Some(convert::tasks(views))
    })
}

/// The newest sign of a person at first, then new ones, with pauses.
fn signs(mut heard: watch::Receiver<Option<Sign>>) -> Answers<wire::UserActivityResponse> {
    const PAUSE: Duration = Duration::from_secs(3);
    heard.mark_changed();
    Box::pin(unfold((heard, false), |(mut heard, rest)| async move {
        if rest {
            sleep(PAUSE).await;
        }
        loop {
            // The sender lives as long as the process.
            heard.changed().await.ok()?;
            let newest = *heard.borrow_and_update();
            if let Some(Sign { count, at }) = newest {
                let idle_ms = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
                let answer = wire::UserActivityResponse { count, idle_ms };
                return Some((Ok(answer), (heard, true)));
            }
        }
    }))
}

/// Memory now; cpu over a moment.
pub(super) async fn usage() -> wire::ResourcesStatusResponse {
    const MOMENT: Duration = Duration::from_millis(250);
    let (time, started) = (resources::cpu_time(), Instant::now());
    sleep(MOMENT).await;
    let busy = resources::cpu_time().saturating_sub(time);
    let elapsed = u64::try_from(started.elapsed().as_micros())
        .unwrap_or(u64::MAX)
        .max(1);
    let memory = resources::memory();
    wire::ResourcesStatusResponse {
        memory: Some(resource(memory.used, memory.limit)),
        cpu: Some(resource(
            busy.saturating_mul(1000) / elapsed,
            resources::cpu_limit(),
        )),
    }
}

fn resource(used: u64, limit: u64) -> wire::ResourceStatus {
    let percent = used.saturating_mul(100).checked_div(limit).unwrap_or(0);
    let severity = match percent {
        0..80 => wire::ResourceStatusSeverity::Normal,
        80..95 => wire::ResourceStatusSeverity::Warning,
        _ => wire::ResourceStatusSeverity::Danger,
    };
    wire::ResourceStatus {
        used: i64::try_from(used).unwrap_or(i64::MAX),
        limit: i64::try_from(limit).unwrap_or(i64::MAX),
        severity: severity.into(),
    }
}
