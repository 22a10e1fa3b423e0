use gitpod_core::proto::supervisor as wire;
use gitpod_core::proto::supervisor::control_service_server::ControlService;
use tonic::{Request, Response, Status};

use super::convert;
use super::state::State;

/// `supervisor.ControlService`.
#[derive(Debug)]
pub(super) struct Control(pub(super) State);

#[tonic::async_trait]
impl ControlService for Control {
    async fn expose_port(
        &self,
        _: Request<wire::ExposePortRequest>,
    ) -> Result<Response<wire::ExposePortResponse>, Status> {
        Err(Status::unimplemented(
            "the visibility of ports is the platform's business",
        ))
    }

    async fn create_ssh_key_pair(
        &self,
        _: Request<wire::CreateSshKeyPairRequest>,
    ) -> Result<Response<wire::CreateSshKeyPairResponse>, Status> {
        Err(Status::unimplemented("there is no SSH server yet"))
    }

    async fn create_debug_env(
        &self,
        _: Request<wire::CreateDebugEnvRequest>,
    ) -> Result<Response<wire::CreateDebugEnvResponse>, Status> {
        Err(Status::unimplemented("there are no nested workspaces"))
    }

    async fn send_heart_beat(
        &self,
        _: Request<wire::SendHeartBeatRequest>,
    ) -> Result<Response<wire::SendHeartBeatResponse>, Status> {
        self.0.presence.note();
        Ok(Response::new(wire::SendHeartBeatResponse {}))
    }

    async fn show_port_choices(
        &self,
        request: Request<wire::ShowPortChoicesRequest>,
    ) -> Result<Response<wire::ShowPortChoicesResponse>, Status> {
        let request = request.into_inner();
        let choices = convert::port_choices(&request.choices)?;
        self.0.ports.show(request.generation, choices);
        Ok(Response::new(wire::ShowPortChoicesResponse {}))
    }
}
