use serde::{Deserialize, Serialize};

use super::{StopReason, WorkspaceStatus};
use crate::content::ContentSource;
use crate::image::ImageRef;
use crate::port::PortSpec;
use crate::store::Fence;
use crate::task::TaskSpec;
use crate::{InstanceId, OrganizationId, Secret, Timestamp, UserId, WorkspaceId};

/// Counts the writes of a record; every write names the generation it saw.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(pub u64);

/// What the owner wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Desired {
    /// This instance shall run.
    Running(InstanceId),
    /// Nothing shall run.
    Stopped(StopReason),
    /// Nothing shall run, and the content may go once the grace time of a deletion is over.
    Deleted {
        /// When its owner said so.
        at: Timestamp,
    },
}

/// What a context URL resolved to; frozen at creation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContextRecord {
    /// As the user gave it.
    pub url: String,
    /// For people: `owner/repo @ branch`.
    pub title: String,
    /// The repository's clone URL; empty when there is none.
    pub clone_url: String,
    /// Branch, tag or commit as asked for; empty for the remote's `HEAD`.
    pub reference: String,
    /// Commit it resolved to; empty in a repository without commits.
    pub revision: String,
    /// The repository's owner, as patterns of environment variables name it; empty when there is none.
    #[serde(default)]
    pub owner: String,
    /// The repository's name; empty when there is none.
    #[serde(default)]
    pub name: String,
}

impl ContextRecord {
    /// A context that stands for `url`, nothing resolved.
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        Self {
            title: url.clone(),
            url,
            clone_url: String::new(),
            reference: String::new(),
            revision: String::new(),
            owner: String::new(),
            name: String::new(),
        }
    }
}

/// What a start needs, decided at creation from context and configuration. Frozen, but for class and editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewWorkspace {
    /// Who owns it.
    pub owner: UserId,
    /// In which organization.
    pub organization: OrganizationId,
    /// What the URL resolved to.
    pub context: ContextRecord,
    /// Where its files come from at first.
    pub source: ContentSource,
    /// Its tools.
    pub image: ImageRef,
    /// Its class, by id.
    pub class: String,
    /// The editor asked for, by id; `None`: the default.
    pub editor: Option<String>,
    /// Tasks of a fresh start (`before && init && command`).
    pub fresh_tasks: Vec<TaskSpec>,
    /// Tasks of a restart (`before && command`).
    pub restart_tasks: Vec<TaskSpec>,
    /// Configured ports.
    pub ports: Vec<PortSpec>,
    /// Environment from the configuration; in records of old from the context URL, too.
    pub env: Vec<(String, String)>,
    /// Environment from the context URL.
    #[serde(default)]
    pub address_env: Vec<(String, String)>,
    /// Main repository's directory below `/workspace`; empty when there is none.
    pub checkout_location: String,
    /// Directory (or `*.code-workspace`) below `/workspace` that the editor opens.
    pub workspace_location: String,
    /// Things its user should know (unknown keys of the configuration …), for people.
    pub warnings: Vec<String>,
    /// What configured it and why, for people; empty when nobody said.
    #[serde(default)]
    pub configured_by: String,
    /// What became of its configuration: what is not done as it asks, or why something was inferred. For people.
    #[serde(default)]
    pub remarks: Vec<String>,
}

impl NewWorkspace {
    /// An empty workspace on the host's tool chain.
    pub fn new(owner: UserId, organization: OrganizationId, context: ContextRecord) -> Self {
        Self {
            owner,
            organization,
            context,
            source: ContentSource::Empty,
            image: ImageRef::Host,
            class: String::from("g1-standard"),
            editor: None,
            fresh_tasks: Vec::new(),
            restart_tasks: Vec::new(),
            ports: Vec::new(),
            env: Vec::new(),
            address_env: Vec::new(),
            checkout_location: String::new(),
            workspace_location: String::new(),
            warnings: Vec::new(),
            configured_by: String::new(),
            remarks: Vec::new(),
        }
    }
}

/// The durable record of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Grows with each write.
    pub generation: Generation,
    /// The newest lease under which a driver wrote it; a driver whose own is older has lost it and writes no more.
    #[serde(default)]
    pub fence: Fence,
    /// When it was created.
    pub created_at: Timestamp,
    /// A name its owner gave.
    pub name: Option<String>,
    /// Never collected as garbage.
    pub pinned: bool,
    /// The secret that opens it for guests; `None` unless its owner shares it.
    #[serde(default)]
    pub guest_token: Option<Secret<String>>,
    /// What it is.
    pub spec: NewWorkspace,
    /// What its owner wants.
    pub desired: Desired,
    /// What is observed.
    pub status: WorkspaceStatus,
}

impl Workspace {
    /// A workspace that never ran.
    pub fn new(id: WorkspaceId, spec: NewWorkspace, now: Timestamp) -> Self {
        Self {
            id,
            generation: Generation(0),
            fence: Fence::default(),
            created_at: now,
            name: None,
            pinned: false,
            guest_token: None,
            spec,
            desired: Desired::Stopped(StopReason::Requested),
            status: WorkspaceStatus::new(now),
        }
    }
}
