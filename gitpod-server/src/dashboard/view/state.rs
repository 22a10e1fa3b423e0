use gitpod_core::workspace::{Phase, Workspace};

/// A workspace's state in one word, and how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// Style: `running`, `busy`, `failed`, `stopped`.
    pub(crate) class: &'static str,
    /// For people.
    pub(crate) label: &'static str,
}

impl State {
    pub(crate) fn of(workspace: &Workspace) -> Self {
        let failed = workspace
            .status
            .instance
            .as_ref()
            .is_some_and(|instance| instance.failure.is_some());
        let (class, label) = match workspace.status.phase {
            Phase::Running => ("running", "Running"),
            Phase::Stopped if failed => ("failed", "Failed"),
            Phase::Stopped => ("stopped", "Stopped"),
            Phase::Building => ("busy", "Building"),
            Phase::Preparing | Phase::Pending | Phase::Creating | Phase::Initializing => {
                ("busy", "Starting")
            }
            Phase::Interrupted => ("busy", "Reconnecting"),
            Phase::Stopping => ("busy", "Stopping"),
        };
        Self { class, label }
    }
}
