//! Instances: one run of a workspace.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::class::Resources;
use crate::image::RootFs;
use crate::mount::Mount;
use crate::{InstanceId, Timestamp, WorkspaceId};

/// User and group *inside* an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunAs {
    /// User id, 0..65535.
    pub uid: u32,
    /// Group id, 0..65535.
    pub gid: u32,
}

impl RunAs {
    /// The superuser of the instance; nobody special on the node.
    pub const ROOT: Self = Self { uid: 0, gid: 0 };
    /// The user of a workspace, `gitpod` (the number is the original's, existing images have it).
    pub const GITPOD: Self = Self {
        uid: 33333,
        gid: 33333,
    };
}

/// What network an instance has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// A namespace of its own with loopback alone.
    #[default]
    None,
    /// A namespace of its own, an address, and a way out; no way to other instances or to the node's own services.
    Egress,
    /// The node's own network. For trusted content jobs only (`git clone`), never for a workspace.
    Host,
}

/// Everything a runtime needs to run an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstanceSpec {
    /// Which run.
    pub id: InstanceId,
    /// Of which workspace.
    pub workspace: WorkspaceId,
    /// Host name inside.
    pub hostname: String,
    /// The tools.
    pub rootfs: RootFs,
    /// The files, in mount order.
    pub mounts: Vec<Mount>,
    /// PID 1's child: absolute path and arguments.
    pub command: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Its working directory.
    pub cwd: PathBuf,
    /// As whom it runs.
    pub run_as: RunAs,
    /// Limits.
    pub resources: Resources,
    /// Network.
    pub network: Network,
}

impl InstanceSpec {
    /// An instance that runs `command` as its root on the host's tool chain, without network, mounts and limits.
    pub fn new(id: InstanceId, workspace: WorkspaceId, command: Vec<String>) -> Self {
        Self {
            id,
            hostname: workspace.to_string(),
            workspace,
            rootfs: RootFs::Host,
            mounts: Vec::new(),
            command,
            env: Vec::new(),
            cwd: PathBuf::from("/"),
            run_as: RunAs::ROOT,
            resources: Resources::unlimited(),
            network: Network::None,
        }
    }
}

/// How an instance's command ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Exit {
    /// Exit code, if it exited.
    pub code: Option<i32>,
    /// Signal number, if it was killed.
    pub signal: Option<i32>,
    /// Whether the kernel killed something of it for memory.
    pub oom_killed: bool,
    /// What the runtime says about it, for people (such as an exec failure with its path).
    pub message: Option<String>,
}

impl Exit {
    /// Ended with `code`.
    pub fn with_code(code: i32) -> Self {
        Self {
            code: Some(code),
            ..Self::default()
        }
    }

    /// Whether it ended with 0.
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }
}

/// How far an instance is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstancePhase {
    /// Being set up; its command has not started.
    Creating,
    /// Its command runs.
    Running,
    /// Its command ended; nothing of it runs any more. Its record stays until it is removed.
    Exited(Exit),
}

/// An instance as observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstanceState {
    /// Which run.
    pub id: InstanceId,
    /// Of which workspace.
    pub workspace: WorkspaceId,
    /// How far it is.
    pub phase: InstancePhase,
    /// When its command started.
    pub started_at: Option<Timestamp>,
    /// How many of its processes the kernel killed for memory so far.
    #[serde(default)]
    pub memory_kills: u64,
}

impl InstanceState {
    /// An instance in `phase`.
    pub fn new(id: InstanceId, workspace: WorkspaceId, phase: InstancePhase) -> Self {
        Self {
            id,
            workspace,
            phase,
            started_at: None,
            memory_kills: 0,
        }
    }
}
