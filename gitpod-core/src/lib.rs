//! What the platform *is* and what it *decides*, without any I/O.
//!
//! * vocabulary: ids, images, content sources, mounts, instances, editors, classes;
//! * ports: the few traits of time, storage and confined jobs that the outside fulfils;
//! * configuration: `.gitpod.yml`, `devcontainer.json`, context URLs, environment variables, with line and column in every
//!   error;
//! * lifecycle: `Facts → project → plan`, pure functions over data with `now` passed in;
//! * wire types, behind the features `proto` and `proto-supervisor`.
#![forbid(unsafe_code)]

pub mod access;
pub mod class;
pub mod clock;
pub mod configuration;
pub mod content;
pub mod context;
pub mod devcontainer;
pub mod environment;
pub mod error;
pub mod git;
pub mod gitpod_yml;
pub mod id;
pub mod ide;
pub mod image;
pub mod instance;
pub mod job;
pub mod mount;
pub mod port;
pub mod prebuild;
#[cfg(any(feature = "proto", feature = "proto-supervisor"))]
pub mod proto;
pub mod secret;
pub mod store;
pub mod task;
pub mod workspace;

pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use error::{Chain, Error, ErrorKind, Result, Retry};
pub use id::{
    InstanceId, OrganizationId, PrebuildId, ProjectId, ReplicaId, SnapshotId, UserId, VariableId,
    WorkspaceId,
};
pub use secret::Secret;
