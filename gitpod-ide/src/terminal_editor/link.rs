use std::collections::HashMap;
use std::net::SocketAddr;

use gitpod_core::proto::supervisor::set_terminal_size_request::Priority;
use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::proto::supervisor::terminal_service_client::TerminalServiceClient;
use gitpod_core::proto::supervisor::{
    ListTerminalsRequest, ListenTerminalRequest, ListenTerminalResponse, OpenTerminalRequest,
    SetTerminalSizeRequest, ShutdownTerminalRequest, TasksStatusRequest, Terminal, TerminalSize,
    WriteTerminalRequest,
};
use tonic::transport::{Channel, Endpoint};
use tonic::{Status, Streaming};

/// The supervisor of this workspace.
#[derive(Debug, Clone)]
pub(super) struct Link {
    terminals: TerminalServiceClient<Channel>,
    status: StatusServiceClient<Channel>,
}

impl Link {
    /// Connects when first used, and again after interruptions.
    pub(super) fn new(supervisor: SocketAddr) -> Result<Self, tonic::transport::Error> {
        let channel = Endpoint::from_shared(format!("http://{supervisor}"))?.connect_lazy();
        Ok(Self {
            terminals: TerminalServiceClient::new(channel.clone()),
            status: StatusServiceClient::new(channel),
        })
    }

    pub(super) async fn list(&self) -> Result<Vec<Terminal>, Status> {
        let answer = self.terminals.clone().list(ListTerminalsRequest {}).await?;
        Ok(answer.into_inner().terminals)
    }

    /// The names of tasks, by their terminals' aliases.
    pub(super) async fn task_names(&self) -> Result<HashMap<String, String>, Status> {
        let request = TasksStatusRequest { observe: false };
        let mut stream = self
            .status
            .clone()
            .tasks_status(request)
            .await?
            .into_inner();
        let tasks = stream
            .message()
            .await?
            .map_or_else(Vec::new, |answer| answer.tasks);
        let named = tasks
            .into_iter()
            .enumerate()
            .filter(|(_, task)| !task.terminal.is_empty());
        Ok(named
            .map(|(index, task)| {
                let name = task
                    .presentation
                    .map_or_else(String::new, |presentation| presentation.name);
                let name = if name.is_empty() {
                    format!("task {}", index + 1)
                } else {
                    name
                };
                (task.terminal, name)
            })
            .collect())
    }

    pub(super) async fn open(&self) -> Result<Terminal, Status> {
        let answer = self
            .terminals
            .clone()
            .open(OpenTerminalRequest::default())
            .await?;
        let terminal = answer.into_inner().terminal;
        terminal.ok_or_else(|| Status::internal("the supervisor opened no terminal"))
    }

    pub(super) async fn close(&self, alias: String) -> Result<(), Status> {
        let request = ShutdownTerminalRequest {
            alias,
            force_success: false,
        };
        self.terminals.clone().shutdown(request).await.map(drop)
    }

    pub(super) async fn listen(
        &self,
        alias: String,
    ) -> Result<Streaming<ListenTerminalResponse>, Status> {
        let request = ListenTerminalRequest { alias };
        Ok(self.terminals.clone().listen(request).await?.into_inner())
    }

    pub(super) async fn write(&self, alias: &str, stdin: axum::body::Bytes) -> Result<(), Status> {
        let request = WriteTerminalRequest {
            alias: alias.to_owned(),
            stdin,
        };
        self.terminals.clone().write(request).await.map(drop)
    }

    pub(super) async fn resize(&self, alias: &str, cols: u16, rows: u16) -> Result<(), Status> {
        let request = SetTerminalSizeRequest {
            alias: alias.to_owned(),
            size: Some(TerminalSize {
                rows: rows.into(),
                cols: cols.into(),
                width_px: 0,
                height_px: 0,
            }),
            // The person who looks at it last decides.
            priority: Some(Priority::Force(true)),
        };
        self.terminals.clone().set_size(request).await.map(drop)
    }
}
