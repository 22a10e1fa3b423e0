//! Our types as the wire has them.

use std::io;

use gitpod_core::git::GitStatus;
use gitpod_core::port::{OnOpen, PortChoice, Protocol, Visibility};
use gitpod_core::proto::supervisor as wire;
use gitpod_core::task::TaskState;
use tonic::{Code, Status};

use crate::supervisor::editor::EditorStatus;
use crate::supervisor::ports::PortView;
use crate::supervisor::pty::Size;
use crate::supervisor::tasks::TaskView;
use crate::supervisor::terminal::{Session, TitleSource};

pub(super) fn editor(status: &EditorStatus) -> wire::IdeStatusResponse {
    wire::IdeStatusResponse {
        ok: status.ready,
        desktop: None,
        failure: status.failure.clone(),
        log_tail: status.log_tail.clone(),
        restarts: status.restarts,
        name: status.name.clone(),
        version: status.version.clone(),
    }
}

pub(super) fn ports(views: &[PortView]) -> wire::PortsStatusResponse {
    wire::PortsStatusResponse {
        ports: views.iter().map(port).collect(),
    }
}

fn port(view: &PortView) -> wire::PortsStatus {
    use wire::ports_status::OnOpenAction;
    let port = &view.port;
    let visibility = match port.visibility {
        Visibility::Private => wire::PortVisibility::Private,
        Visibility::Public => wire::PortVisibility::Public,
    };
    let protocol = match port.protocol {
        Protocol::Http => wire::PortProtocol::Http,
        Protocol::Https => wire::PortProtocol::Https,
    };
    let on_open = match port.on_open {
        OnOpen::Ignore => OnOpenAction::Ignore,
        OnOpen::OpenBrowser => OnOpenAction::OpenBrowser,
        OnOpen::OpenPreview => OnOpenAction::OpenPreview,
        OnOpen::Notify => OnOpenAction::Notify,
        OnOpen::NotifyPrivate => OnOpenAction::NotifyPrivate,
        OnOpen::IgnoreCompletely => OnOpenAction::IgnoreCompletely,
    };
    wire::PortsStatus {
        local_port: port.port.into(),
        served: port.served,
        exposed: Some(wire::ExposedPortInfo {
            visibility: visibility.into(),
            url: view.url.clone(),
            protocol: protocol.into(),
            ..wire::ExposedPortInfo::default()
        }),
        tunneled: None,
        // The proxy reaches every port without being told of it first.
        auto_exposure: wire::PortAutoExposure::Succeeded.into(),
        description: port.description.clone().unwrap_or_default(),
        name: port.name.clone().unwrap_or_default(),
        on_open: on_open.into(),
    }
}

/// Choices kept; the platform allows fewer.
const MOST_CHOICES: usize = 200;

/// What an owner chose for ports.
pub(super) fn port_choices(choices: &[wire::PortChoice]) -> Result<Vec<PortChoice>, Status> {
    if choices.len() > MOST_CHOICES {
        return Err(Status::invalid_argument("too many ports"));
    }
    choices
        .iter()
        .map(|choice| {
            let port = u16::try_from(choice.port).unwrap_or_default();
            if port == 0 {
                return Err(Status::invalid_argument("this is no port"));
            }
            let mut chosen = PortChoice::new(port);
            chosen.visibility = choice.visibility.map(|_| match choice.visibility() {
                wire::PortVisibility::Private => Visibility::Private,
                wire::PortVisibility::Public => Visibility::Public,
            });
            chosen.protocol = choice.protocol.map(|_| match choice.protocol() {
                wire::PortProtocol::Http => Protocol::Http,
                wire::PortProtocol::Https => Protocol::Https,
            });
            Ok(chosen)
        })
        .collect()
}

pub(super) fn tasks(views: &[TaskView]) -> wire::TasksStatusResponse {
    wire::TasksStatusResponse {
        tasks: views.iter().map(task).collect(),
    }
}

fn task(view: &TaskView) -> wire::TaskStatus {
    let state = match view.state {
        TaskState::Opening => wire::TaskState::Opening,
        TaskState::Running => wire::TaskState::Running,
        TaskState::Closed => wire::TaskState::Closed,
    };
    wire::TaskStatus {
        id: view.spec.id.clone(),
        state: state.into(),
        terminal: view.terminal.clone(),
        presentation: Some(wire::TaskPresentation {
            name: view.spec.name.clone(),
            open_in: view.spec.open_in.clone().unwrap_or_default(),
            open_mode: view.spec.open_mode.clone().unwrap_or_default(),
        }),
        exit_code: view.exit_code,
        failure: view.failure.clone(),
    }
}

pub(super) fn terminal(session: &Session) -> wire::Terminal {
    let title = session.title();
    wire::Terminal {
        alias: session.alias.clone(),
        command: session.command.clone(),
        title: title.text,
        pid: session.pid.as_raw_nonzero().get().into(),
        initial_workdir: session.initial_workdir.to_string_lossy().into_owned(),
        current_workdir: session.current_workdir().to_string_lossy().into_owned(),
        annotations: session.annotations().into_iter().collect(),
        title_source: title_source(title.source),
    }
}

pub(super) fn title_source(source: TitleSource) -> i32 {
    match source {
        TitleSource::Process => wire::TerminalTitleSource::Process,
        TitleSource::Api => wire::TerminalTitleSource::Api,
    }
    .into()
}

/// A size as a terminal can have it; what is missing is the default.
pub(super) fn size(size: wire::TerminalSize) -> Size {
    let cells = |wanted: u32, default: u16| match u16::try_from(wanted) {
        Ok(0) | Err(_) => default,
        Ok(cells) => cells,
    };
    let default = Size::default();
    Size {
        rows: cells(size.rows, default.rows),
        cols: cells(size.cols, default.cols),
        width_px: cells(size.width_px, 0),
        height_px: cells(size.height_px, 0),
    }
}

pub(super) fn git(status: Option<GitStatus>) -> wire::GitStatusResponse {
    let count = |total: u64| i64::try_from(total).unwrap_or(i64::MAX);
    wire::GitStatusResponse {
        repository: status.map(|status| wire::GitRepositoryStatus {
            branch: status.branch,
            latest_commit: status.latest_commit,
            uncommited_files: status.uncommitted_files,
            untracked_files: status.untracked_files,
            unpushed_commits: status.unpushed_commits,
            total_uncommited_files: count(status.total_uncommitted_files),
            total_untracked_files: count(status.total_untracked_files),
            total_unpushed_commits: count(status.total_unpushed_commits),
        }),
    }
}

/// What went wrong with `what`.
pub(super) fn trouble(what: &str, error: &io::Error) -> Status {
    let code = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Code::NotFound,
        io::ErrorKind::PermissionDenied => Code::PermissionDenied,
        io::ErrorKind::QuotaExceeded | io::ErrorKind::OutOfMemory => Code::ResourceExhausted,
        io::ErrorKind::InvalidInput => Code::InvalidArgument,
        io::ErrorKind::BrokenPipe => Code::FailedPrecondition,
        io::ErrorKind::TimedOut => Code::DeadlineExceeded,
        _ => Code::Internal,
    };
    Status::new(code, format!("cannot {what}: {error}"))
}
