use serde::{Deserialize, Serialize};

/// Why an instance failed, as a code that programs can match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureReason {
    /// The git host cannot be reached.
    GitHostUnreachable,
    /// The repository does not exist, or the user may not read it.
    RepositoryNotFound,
    /// What answers is no git repository, or a damaged one.
    RepositoryUnusable,
    /// The branch, tag or commit does not exist.
    RevisionNotFound,
    /// `.gitpod.yml` is broken.
    ConfigInvalid,
    /// The image cannot be found or pulled.
    ImageUnavailable,
    /// The content could not be fetched or is damaged.
    ContentFailed,
    /// No space left for content.
    DiskFull,
    /// The runtime could not start the instance.
    RuntimeFailed,
    /// The editor never answered.
    EditorNotReady,
    /// Killed for memory.
    OutOfMemory,
    /// The instance ended on its own.
    Exited,
    /// The node or its runtime lost the instance.
    InstanceLost,
    /// A time limit of the start passed.
    StartTimeout,
    /// A bug of ours.
    Internal,
}

/// What failed, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The code.
    pub reason: FailureReason,
    /// One or two sentences, the cause included.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(reason: FailureReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            hint: None,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Why an instance is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// Somebody asked.
    Requested,
    /// Nobody used it for as long as its timeout.
    Inactivity,
    /// Its user closed the editor.
    Closed,
    /// It reached its maximum lifetime.
    Lifetime,
    /// It failed.
    Failed,
    /// It is being deleted.
    Deleted,
}

/// What is known about the files of a workspace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentState {
    /// Never initialised: a start fetches it from its source.
    #[default]
    Absent,
    /// Initialised, and on this node's disk. A start uses it and nothing else.
    Present,
    /// Deleted by its owner.
    Deleted,
}
