use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The nine steps of a start (architecture §4), each shown to the user with its duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// 1. A person asked.
    Request,
    /// 2. May they; quotas.
    Access,
    /// 3. Which repository, which revision, which configuration.
    Context,
    /// 4. Workspace and instance are recorded.
    Record,
    /// 5. The image is resolved, or built.
    Image,
    /// 6. The content: from disk, or from git.
    Content,
    /// 7. The sandbox: root file system, limits, network, first process.
    Runtime,
    /// 8. Supervisor, tasks, editor.
    Editor,
    /// 9. The proxy routes to it.
    Route,
}

impl StepKind {
    /// All nine, in order.
    pub const ALL: [Self; 9] = [
        Self::Request,
        Self::Access,
        Self::Context,
        Self::Record,
        Self::Image,
        Self::Content,
        Self::Runtime,
        Self::Editor,
        Self::Route,
    ];

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Request => "Request received",
            Self::Access => "Access checked",
            Self::Context => "Repository and configuration read",
            Self::Record => "Workspace recorded",
            Self::Image => "Image ready",
            Self::Content => "Files in place",
            Self::Runtime => "Sandbox started",
            Self::Editor => "Editor answers",
            Self::Route => "Address routed",
        }
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Not begun.
    #[default]
    Pending,
    /// Under way.
    Running,
    /// Done.
    Done,
    /// Failed; the start ends here.
    Failed,
}

/// One step of a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub kind: StepKind,
    /// How far.
    pub state: StepState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What was decided and why, for people: `branch main at 4f2a…`, `image: host (the default)`.
    pub detail: String,
}

impl Step {
    /// All nine, none begun.
    pub fn fresh() -> Vec<Self> {
        StepKind::ALL.into_iter().map(Self::pending).collect()
    }

    /// One that has not begun.
    pub fn pending(kind: StepKind) -> Self {
        Self {
            kind,
            state: StepState::Pending,
            started_at: None,
            ended_at: None,
            detail: String::new(),
        }
    }

    /// How long it took, once ended.
    pub fn duration(&self) -> Option<std::time::Duration> {
        Some(crate::clock::elapsed(self.started_at?, self.ended_at?))
    }
}
