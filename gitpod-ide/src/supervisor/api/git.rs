use gitpod_core::proto::supervisor as wire;
use gitpod_core::proto::supervisor::git_service_server::GitService;
use tonic::{Request, Response, Status};

use super::convert;
use super::observe::{Answers, single, states};
use super::state::State;

/// `supervisor.GitService`.
#[derive(Debug)]
pub(super) struct Git(pub(super) State);

#[tonic::async_trait]
impl GitService for Git {
    type GitStatusStream = Answers<wire::GitStatusResponse>;

    async fn git_status(
        &self,
        request: Request<wire::GitStatusRequest>,
    ) -> Result<Response<Self::GitStatusStream>, Status> {
        let git = &self.0.git;
        if request.get_ref().observe {
            // Before the first answer of git there is nothing to tell.
            let stream = states(git.watch(), true, |latest| latest.clone().map(convert::git));
            return Ok(Response::new(stream));
        }
        let status = git.ask().await.map(convert::git);
        let status = status.map_err(|error| convert::trouble("ask git for the status", &error));
        Ok(Response::new(single(status)))
    }
}
