use axum::middleware;
use axum::serve::ListenerExt as _;
use gitpod_core::proto::supervisor::control_service_server::ControlServiceServer;
use gitpod_core::proto::supervisor::exec_service_server::ExecServiceServer;
use gitpod_core::proto::supervisor::git_service_server::GitServiceServer;
use gitpod_core::proto::supervisor::info_service_server::InfoServiceServer;
use gitpod_core::proto::supervisor::status_service_server::StatusServiceServer;
use gitpod_core::proto::supervisor::task_service_server::TaskServiceServer;
use gitpod_core::proto::supervisor::terminal_service_server::TerminalServiceServer;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tracing::error;

use super::control::Control;
use super::exec::Exec;
use super::git::Git;
use super::guard;
use super::info::Info;
use super::rest;
use super::state::State;
use super::status::Status;
use super::task::Task;
use super::terminal::Terminal;

/// Serves the API on `listener` until the process ends.
pub(crate) async fn serve(listener: TcpListener, state: State) {
    let grpc = Routes::new(StatusServiceServer::new(Status(state.clone())))
        .add_service(InfoServiceServer::new(Info(state.clone())))
        .add_service(TaskServiceServer::new(Task(state.clone())))
        .add_service(TerminalServiceServer::new(Terminal(state.clone())))
        .add_service(ExecServiceServer::new(Exec(state.clone())))
        .add_service(GitServiceServer::new(Git(state.clone())))
        .add_service(ControlServiceServer::new(Control(state.clone())))
        .into_axum_router();
    let router = grpc
        .nest("/_supervisor/v1", rest::router(state))
        .layer(middleware::from_fn(guard::same_origin));
    // Keystrokes are small and must not wait for company.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    if let Err(problem) = axum::serve(listener, router).await {
        error!(error = %problem, "the API has ended");
    }
}
