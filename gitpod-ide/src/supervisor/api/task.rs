use futures::stream::try_unfold;
use gitpod_core::proto::supervisor as wire;
use gitpod_core::proto::supervisor::task_service_server::TaskService;
use tonic::{Request, Response, Status};

use super::observe::Answers;
use super::state::State;
use super::terminal::too_slow;
use crate::supervisor::terminal::Heard;

/// `supervisor.TaskService`.
#[derive(Debug)]
pub(super) struct Task(pub(super) State);

#[tonic::async_trait]
impl TaskService for Task {
    type ListenToOutputStream = Answers<wire::ListenToOutputResponse>;

    async fn listen_to_output(
        &self,
        request: Request<wire::ListenToOutputRequest>,
    ) -> Result<Response<Self::ListenToOutputStream>, Status> {
        let wire::ListenToOutputRequest { task_id, until_now } = request.into_inner();
        let alias = {
            let tasks = self.0.tasks.watch();
            let tasks = tasks.borrow();
            tasks
                .iter()
                .find(|view| view.spec.id == task_id)
                .map(|view| view.terminal.clone())
        };
        let alias = alias.ok_or_else(|| Status::not_found("there is no such task"))?;
        let session = self.0.terminals.get(&alias);
        let session =
            session.ok_or_else(|| Status::failed_precondition("the task has no terminal yet"))?;
        let listener = if until_now {
            session.listen().until_now()
        } else {
            session.listen()
        };
        let stream = try_unfold(listener, |mut listener| async move {
            loop {
                match listener.next().await.map_err(too_slow)? {
                    Some(Heard::Data(data)) => {
                        return Ok(Some((wire::ListenToOutputResponse { data }, listener)));
                    }
                    Some(Heard::Title(_)) => {}
                    Some(Heard::Closed(_)) | None => return Ok(None),
                }
            }
        });
        Ok(Response::new(Box::pin(stream)))
    }
}
