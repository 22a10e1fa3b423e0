//! What a supervisor says, cut to bounds: it lives with user code and is not trusted.

use std::time::Duration;

use gitpod_core::git::{GitStatus, MAX_LISTED};
use gitpod_core::port::{OnOpen, PortChoice, PortSpec, Protocol, ServedPort, Visibility};
use gitpod_core::proto::supervisor as wire;
use gitpod_core::task::{TaskState, TaskStatus};
use gitpod_core::workspace::{EditorFact, UserActivity};

/// Ports and tasks kept at most.
const MOST: usize = 200;
/// Characters kept of a name, a path or a message.
const LONGEST: usize = 1000;
/// Lines of the editor's log that a failure shows.
const LOG_LINES: usize = 10;

fn cut(text: String) -> String {
    let printable = |c: &char| !c.is_control() || *c == '\n' || *c == '\t';
    text.chars().filter(printable).take(LONGEST).collect()
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then(|| cut(text))
}

fn total(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

pub(super) fn editor(answer: wire::IdeStatusResponse) -> EditorFact {
    let failed = (!answer.ok && !answer.failure.is_empty()).then(|| {
        let skip = answer.log_tail.len().saturating_sub(LOG_LINES);
        let log: Vec<_> = answer.log_tail.into_iter().skip(skip).map(cut).collect();
        let failure = cut(answer.failure);
        if log.is_empty() {
            failure
        } else {
            format!("{failure}\nits last lines:\n{}", log.join("\n"))
        }
    });
    EditorFact {
        ready: answer.ok,
        failed,
    }
}

pub(super) fn ports(answer: wire::PortsStatusResponse) -> Vec<ServedPort> {
    answer
        .ports
        .into_iter()
        .filter_map(port)
        .take(MOST)
        .collect()
}

fn port(status: wire::PortsStatus) -> Option<ServedPort> {
    let number = u16::try_from(status.local_port)
        .ok()
        .filter(|port| *port != 0)?;
    let mut spec = PortSpec::new(number);
    spec.on_open = match status.on_open() {
        wire::ports_status::OnOpenAction::Ignore => OnOpen::Ignore,
        wire::ports_status::OnOpenAction::OpenBrowser => OnOpen::OpenBrowser,
        wire::ports_status::OnOpenAction::OpenPreview => OnOpen::OpenPreview,
        wire::ports_status::OnOpenAction::Notify => OnOpen::Notify,
        wire::ports_status::OnOpenAction::NotifyPrivate => OnOpen::NotifyPrivate,
        wire::ports_status::OnOpenAction::IgnoreCompletely => OnOpen::IgnoreCompletely,
    };
    if let Some(exposed) = &status.exposed {
        spec.protocol = match exposed.protocol() {
            wire::PortProtocol::Http => Protocol::Http,
            wire::PortProtocol::Https => Protocol::Https,
        };
    }
    // Whether a port is public is the platform's to say, never the instance's.
    spec.visibility = Visibility::Private;
    spec.name = some(status.name);
    spec.description = some(status.description);
    Some(ServedPort::new(number, status.served, &spec))
}

/// As the supervisor is told it.
pub(super) fn choice(choice: PortChoice) -> wire::PortChoice {
    let visibility = choice.visibility.map(|visibility| match visibility {
        Visibility::Private => wire::PortVisibility::Private.into(),
        Visibility::Public => wire::PortVisibility::Public.into(),
    });
    let protocol = choice.protocol.map(|protocol| match protocol {
        Protocol::Http => wire::PortProtocol::Http.into(),
        Protocol::Https => wire::PortProtocol::Https.into(),
    });
    wire::PortChoice {
        port: choice.port.into(),
        visibility,
        protocol,
    }
}

pub(super) fn tasks(answer: wire::TasksStatusResponse) -> Vec<TaskStatus> {
    answer.tasks.into_iter().take(MOST).map(task).collect()
}

fn task(status: wire::TaskStatus) -> TaskStatus {
    let state = match status.state() {
        wire::TaskState::Opening => TaskState::Opening,
        wire::TaskState::Running => TaskState::Running,
        wire::TaskState::Closed => TaskState::Closed,
    };
    let name = status
        .presentation
        .map(|presentation| presentation.name)
        .unwrap_or_default();
    let mut task = TaskStatus::new(cut(status.id), cut(name), state);
    task.terminal = some(status.terminal);
    task.exit_code = status.exit_code;
    task.failure = some(status.failure);
    task
}

pub(super) fn activity(answer: wire::UserActivityResponse) -> UserActivity {
    UserActivity {
        count: answer.count,
        idle: Duration::from_millis(answer.idle_ms),
    }
}

pub(super) fn git(answer: wire::GitStatusResponse) -> Option<GitStatus> {
    let repository = answer.repository?;
    let list = |names: Vec<String>| names.into_iter().take(MAX_LISTED).map(cut).collect();
    let mut status = GitStatus::default();
    status.branch = cut(repository.branch);
    status.latest_commit = cut(repository.latest_commit);
    status.uncommitted_files = list(repository.uncommited_files);
    status.untracked_files = list(repository.untracked_files);
    status.unpushed_commits = list(repository.unpushed_commits);
    status.total_uncommitted_files = total(repository.total_uncommited_files);
    status.total_untracked_files = total(repository.total_untracked_files);
    status.total_unpushed_commits = total(repository.total_unpushed_commits);
    Some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lying_supervisor_is_cut_to_bounds() {
        let status = wire::PortsStatus {
            local_port: 70_000,
            ..Default::default()
        };
        let fine = wire::PortsStatus {
            local_port: 8080,
            name: "x".repeat(5000),
            ..Default::default()
        };
        let answer = wire::PortsStatusResponse {
            ports: [vec![status], vec![fine; 1000]].concat(),
        };
        let ports = ports(answer);
        assert_eq!(ports.len(), MOST);
        assert_eq!(ports[0].name.as_ref().map(String::len), Some(LONGEST));
    }

    #[test]
    fn it_cannot_make_a_port_public() {
        let exposed = wire::ExposedPortInfo {
            visibility: wire::PortVisibility::Public.into(),
            ..Default::default()
        };
        let status = wire::PortsStatus {
            local_port: 8080,
            exposed: Some(exposed),
            ..Default::default()
        };
        assert_eq!(port(status).unwrap().visibility, Visibility::Private);
    }

    #[test]
    fn escape_sequences_do_not_reach_people() {
        let answer = wire::IdeStatusResponse {
            failure: "\u{1b}[31mboom".into(),
            ..Default::default()
        };
        assert_eq!(editor(answer).failed.as_deref(), Some("[31mboom"));
    }
}
