use gitpod_core::Timestamp;
use gitpod_core::access::{self, Action, Principal};
use gitpod_core::ide::EditorTrouble;
use gitpod_core::workspace::{Failure, Phase, Workspace};

use super::{Changes, PortRow, State, ago};
use crate::proxy::Hosts;

/// A workspace as every page shows it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The repository's address; empty when there is none.
    pub(crate) repository: String,
    /// Branch: as git says, else as asked for.
    pub(crate) branch: String,
    pub(crate) state: State,
    pub(crate) changes: Option<Changes>,
    /// Served ports, configured ones too.
    pub(crate) ports: Vec<PortRow>,
    /// Milliseconds since 1970 when it stops by itself, if it runs.
    pub(crate) until: Option<i64>,
    pub(crate) created: String,
    /// When and why it stopped, or what failed.
    pub(crate) note: String,
    pub(crate) failure: Option<Failure>,
    /// What keeps its editor from answering, while it runs.
    pub(crate) trouble: Option<EditorTrouble>,
    pub(crate) can_start: bool,
    pub(crate) can_stop: bool,
    /// Whether an editor can be opened now.
    pub(crate) is_running: bool,
    /// What the question before a deletion says.
    pub(crate) farewell: String,
}

impl Row {
    /// Without what `by` may not do with the workspace.
    pub(crate) fn limited(mut self, by: &Principal, workspace: &Workspace) -> Self {
        let may = |action| access::may(by, action, workspace.into()).allowed;
        self.can_start &= may(Action::StartWorkspace);
        self.can_stop &= may(Action::StopWorkspace);
        self.is_running &= may(Action::EnterWorkspace);
        self
    }

    pub(crate) fn of(
        hosts: &Hosts,
        workspace: &Workspace,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let status = &workspace.status;
        let context = &workspace.spec.context;
        let instance = status.instance.as_ref();
        let changes = status.git.as_ref().map(Changes::of);
        let branch = changes
            .as_ref()
            .map(|changes| changes.branch.clone())
            .filter(|branch| !branch.is_empty())
            .unwrap_or_else(|| context.reference.clone());
        let failure = instance.and_then(|instance| instance.failure.clone());
        let phase = status.phase;
        Self {
            id: workspace.id.to_string(),
            title: workspace
                .name
                .clone()
                .unwrap_or_else(|| context.title.clone()),
            repository: without_userinfo(&context.clone_url),
            branch,
            state: State::of(workspace),
            ports: match phase {
                Phase::Stopped => Vec::new(),
                _ => instance
                    .into_iter()
                    .flat_map(|instance| &instance.ports)
                    .map(|port| PortRow::of(hosts, &workspace.id, port))
                    .collect(),
            },
            until: until.map(Timestamp::as_millisecond),
            created: ago(workspace.created_at, now),
            note: note(workspace, now),
            failure: failure.filter(|_| phase == Phase::Stopped || phase == Phase::Stopping),
            trouble: instance
                .and_then(|instance| instance.ide.trouble.clone())
                .filter(|_| phase == Phase::Running),
            can_start: phase == Phase::Stopped,
            can_stop: !matches!(phase, Phase::Stopped | Phase::Stopping),
            is_running: phase == Phase::Running,
            farewell: farewell(changes.as_ref()),
            changes,
        }
    }
}

fn note(workspace: &Workspace, now: Timestamp) -> String {
    use gitpod_core::workspace::StopReason;
    let status = &workspace.status;
    let Some(instance) = status
        .instance
        .as_ref()
        .filter(|_| status.phase == Phase::Stopped)
    else {
        return String::new();
    };
    let when = ago(instance.stopped_at.unwrap_or(status.phase_since), now);
    match instance.stop_reason {
        Some(StopReason::Inactivity) => format!("stopped {when}: nobody used it"),
        Some(StopReason::Closed) => format!("stopped {when}: its editor was closed"),
        Some(StopReason::Lifetime) => format!("stopped {when}: it had run for as long as it may"),
        _ => format!("stopped {when}"),
    }
}

fn farewell(changes: Option<&Changes>) -> String {
    let lost = match changes {
        Some(changes) if !changes.summary.is_empty() => {
            format!("It holds work that is nowhere else: {}. ", changes.summary)
        }
        _ => String::new(),
    };
    format!("{lost}It stops if it runs, and its files are removed for good after 14 days.")
}

/// Addresses with credentials in them are shown without.
pub(crate) fn without_userinfo(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address) else {
        return address.to_owned();
    };
    let had_any = url.password().is_some()
        || (url.scheme().starts_with("http") && !url.username().is_empty());
    // Fails for addresses that cannot have user information, which then have none.
    let removed = !had_any || (url.set_password(None).is_ok() && url.set_username("").is_ok());
    if had_any && removed {
        url.into()
    } else {
        address.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use gitpod_core::git::GitStatus;
    use gitpod_core::workspace::{ContextRecord, FailureReason, InstanceStatus, NewWorkspace};
    use gitpod_core::{InstanceId, OrganizationId, Secret, UserId, WorkspaceId};

    use super::*;

    fn workspace() -> Workspace {
        let mut context = ContextRecord::new("https://u:secret@git.example/o/r");
        context.clone_url.clone_from(&context.url);
        context.reference = String::from("main");
        let spec = NewWorkspace::new(UserId::random(), OrganizationId::random(), context);
        Workspace::new(
            WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap(),
            spec,
            Timestamp::UNIX_EPOCH,
        )
    }

    fn row(workspace: &Workspace) -> Row {
        let hosts = Hosts::new(&url::Url::parse("http://localhost:8080").unwrap()).unwrap();
        Row::of(&hosts, workspace, None, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_password_in_an_address_is_never_shown() {
        assert_eq!(row(&workspace()).repository, "https://git.example/o/r");
        assert_eq!(
            without_userinfo("git@github.com:o/r.git"),
            "git@github.com:o/r.git"
        );
        assert_eq!(without_userinfo("ssh://git@host/o/r"), "ssh://git@host/o/r");
    }

    #[test]
    fn git_knows_the_branch_better_than_the_request() {
        let mut workspace = workspace();
        assert_eq!(row(&workspace).branch, "main");
        let mut git = GitStatus::default();
        git.branch = String::from("topic");
        git.total_untracked_files = 1;
        workspace.status.git = Some(git);
        let row = row(&workspace);
        assert_eq!(row.branch, "topic");
        assert!(row.farewell.contains("1 untracked"), "{}", row.farewell);
    }

    #[test]
    fn a_failed_start_can_be_tried_again_and_says_why() {
        let mut workspace = workspace();
        let mut instance = InstanceStatus::new(
            InstanceId::random(),
            Secret::from("t"),
            Timestamp::UNIX_EPOCH,
        );
        instance.failure =
            Some(Failure::new(FailureReason::DiskFull, "no space left").with_hint("free some"));
        workspace.status.instance = Some(instance);
        let row = row(&workspace);
        assert_eq!(
            (row.state.class, row.can_start, row.can_stop),
            ("failed", true, false)
        );
        assert_eq!(row.failure.unwrap().hint.unwrap(), "free some");
    }
}
