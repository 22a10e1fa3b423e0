//! What the server, the launcher, shims and instances under construction tell each other.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use gitpod_core::Timestamp;
use gitpod_core::instance::{Exit, InstanceSpec, RunAs};
use serde::{Deserialize, Serialize};

use super::cgroup::CgroupPlan;
use super::ids::Ids;
use super::layers::Layers;
use super::trouble::Trouble;

/// First message of the launcher: it is up and speaks this version.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    pub(super) version: u32,
}

/// Version of these messages. A server only talks to shims of its own version.
pub(super) const VERSION: u32 = 1;

/// Asks the launcher for a shim that serves the channel sent along.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NewShim;

/// To a shim.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Makes the instance. First and only once. With three descriptors: its standard streams.
    Start(Box<Start>),
    /// Runs a command. Without a terminal, three descriptors come along: its standard streams.
    Exec(Box<Exec>),
    /// Signals the command of an earlier `Exec` on this channel.
    Signal(i32),
    /// Asks for a TCP socket in the instance's network namespace.
    Socket {
        /// IPv6 instead of IPv4.
        v6: bool,
    },
    /// Sets up the instance's end of its network link, which is there already.
    Configure(Link),
    /// Ends the instance; kills it after this time.
    Stop {
        /// Milliseconds; 0 kills at once.
        grace: u64,
    },
}

/// From a shim.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// The command runs. After `Start`, the network namespace comes along.
    Started,
    /// The command's terminal comes along.
    Terminal,
    /// It could not be done.
    Failed(Trouble),
    /// The command ended.
    Exited(Exit),
    /// Done; a descriptor comes along if one was asked for.
    Done,
}

/// All a shim needs to make an instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) spec: InstanceSpec,
    /// Where the record is kept; `None` for a job, which ends with the channel that asked for it.
    pub(super) directory: Option<PathBuf>,
    pub(super) ids: Ids,
    /// The generated part of the host's root file system.
    pub(super) skeleton: PathBuf,
    /// `/etc/resolv.conf` for images; the skeleton has its own.
    pub(super) resolver: Option<String>,
    pub(super) cgroups: CgroupPlan,
    pub(super) no_new_privileges: bool,
    /// How its overlays are made.
    pub(super) layers: Layers,
    /// Most processes, where control groups do not see to it.
    pub(super) process_limit: Option<u32>,
    /// The way out to the network, where the shim is to give it.
    pub(super) way_out: Option<WayOut>,
    /// Size of the root file system's private upper, in bytes.
    pub(super) root_bytes: u64,
    /// Size of `/dev/shm`, in bytes.
    pub(super) shared_memory_bytes: u64,
}

/// A command for a running instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Exec {
    pub(super) argv: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) cwd: PathBuf,
    pub(super) run_as: RunAs,
    /// Columns and rows of its terminal.
    pub(super) terminal: Option<(u16, u16)>,
}

/// The instance's end of its network link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) interface: String,
    pub(super) address: Ipv4Addr,
    pub(super) prefix: u8,
    pub(super) gateway: Ipv4Addr,
}

/// A way out to the network: a program that passes packets on, and what it may not be used for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WayOut {
    /// The program and its arguments. Its standard input and output are the instance's user and network namespaces.
    pub(super) argv: Vec<String>,
    /// Networks that are unreachable from inside: address and length of prefix.
    pub(super) closed: Vec<(Ipv4Addr, u8)>,
}

/// From an instance under construction, or a command about to be run, to its shim. The end of the channel without a message
/// means that the program runs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Progress {
    /// It failed.
    Failed(Trouble),
    /// Its terminal comes along.
    Terminal,
    /// The instance's namespaces come along, for a shim that may not look into the first process.
    Namespaces,
}

/// To an instance under construction: its ids are mapped. The descriptors of its mounts come along, in the order of the plan;
/// none when the shim has no privileges, and the instance makes them itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Proceed {
    /// Mount targets, one per descriptor after the root's.
    pub(super) targets: Vec<MountTarget>,
}

/// Where a prepared mount belongs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MountTarget {
    pub(super) path: PathBuf,
    pub(super) directory: bool,
}

/// The durable record of an instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) version: u32,
    pub(super) id: gitpod_core::InstanceId,
    pub(super) workspace: gitpod_core::WorkspaceId,
    pub(super) started_at: Timestamp,
    pub(super) shim: i32,
    pub(super) init: i32,
    /// The skeleton its root stands on, if it is the host's.
    pub(super) skeleton: PathBuf,
    pub(super) cgroups: CgroupPlan,
}
