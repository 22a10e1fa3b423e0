//! The embedded runtime for Linux: namespaces, overlays, control groups and a system call filter, without a daemon.
//!
//! ```no_run
//! use gitpod_runtime::sandbox::{SandboxConfig, reexec};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     reexec(); // first: this executable is also the sandbox's launcher
//!     tokio::runtime::Runtime::new()?.block_on(async {
//!         let runtime = SandboxConfig::new("/var/lib/mine/sandbox").build().await?;
//!         // … `runtime` is a `WorkspaceRuntime` and a `JobRunner`
//!         Ok(())
//!     })
//! }
//! ```
//!
//! # Processes
//!
//! ```text
//! server ──┬─ launcher            single-threaded, holds the compiled filter, forks shims; dies with the server
//!          ┊
//!          ├┄ shim                one per instance; outlives server and launcher; makes the instance, runs further
//!          ┊   │                  commands in it, records its end; found again by its socket in the state directory
//!          ┊   ├─ init            process 1 inside: reaps, passes signals on to the command, ends with it
//!          ┊   │   └─ command     what the instance is for
//!          ┊   └─ exec'd commands
//! ```
//!
//! # What separates an instance from the node
//!
//! * A user namespace with 65536 ids of the node that no other instance has. Root inside is nobody outside.
//! * Mount, process, network, IPC, host name and control group namespaces. The root is an overlay whose upper is in memory,
//!   limited in size, and gone with the instance. Sources of mounts are seen through id-mapped views, so that files on disk
//!   carry the ids seen inside.
//! * A system call filter (allow-list with conditions on arguments), in force for the command and for every further one.
//! * A bounded set of capabilities, masked and write-protected paths of `/proc` and `/sys`.
//! * Control groups of version 1 or 2: memory, CPU, processes.
//!
//! # Without root
//!
//! The sandbox runs as an ordinary user with what that user may do: namespaces, file system, filter and masks are the same. Its
//! user namespace has one user, `gitpod`, who is the one that runs the sandbox: files on disk are that user's, every command
//! runs as it, without capabilities. An instance makes its mounts itself, in its own namespaces; `/usr` is read-only. Processes
//! are limited by a resource limit, which the kernel counts per user namespace; memory and CPU where a control group was handed
//! to the user, else not. The way out to the network is `pasta`, where that is installed: a process per instance, beside the shim,
//! that leads out, and neither to the node nor back. [`doctor()`] tells what is missing.
//!
//! # What the kernel has to have
//!
//! Found out by trying, when the sandbox opens and by [`doctor()`]; the versions tell where to look in its history.
//!
//! | what | since Linux | without it |
//! |---|---|---|
//! | new mount calls (`fsopen`, `open_tree`, `move_mount`) | 5.2 | the sandbox does not open |
//! | `clone3` with a process descriptor, `setns` on one | 5.3, 5.8 | the same |
//! | `openat2`, `close_range` | 5.6, 5.9 | the same |
//! | `mount_setattr` with id mapping: ext4, then xfs (5.13), btrfs (5.15) | 5.12 | the same |
//! | overlays of id-mapped layers | 5.19 | the same |
//! | id-mapped tmpfs | 6.3 | the data directory has to be on a disk |
//! | overlays of detached layers | 6.15 | [`LayerMode::Attached`] |
//! | control groups, `nf_tables`, bridges | | no limits; no way out to the network |

mod assemble;
mod backend;
mod cgroup;
mod channel;
mod config;
mod confine;
mod container;
mod dial;
mod doctor;
mod exec;
mod host_root;
mod ids;
mod instances;
mod job;
mod launcher;
mod layers;
mod link;
mod mounts;
mod naming;
mod network;
mod overlay;
mod pasta;
mod program;
mod protocol;
mod record;
mod seccomp;
mod shim;
mod slot;
mod stage;
mod sys;
mod terminal;
mod tidy;
mod trial;
mod trouble;
mod zygote;

pub use backend::SandboxRuntime;
pub use config::SandboxConfig;
pub use doctor::{Finding, doctor};
pub use launcher::reexec;
pub use layers::LayerMode;
pub use seccomp::allowed_system_calls;
