//! Drives workspaces to where their owners want them: `observe → decide → write → execute`, one round at a time each.

mod compose;
mod driver;
mod effects;
mod execute;
mod hints;
mod limits;
mod observe;
mod room;
mod shown_ports;
mod slot;
mod sweep;
mod task_logs;
mod tenure;
mod timers;

use std::path::PathBuf;
use std::sync::Arc;

use gitpod_content::{Initializer, Volumes};
use gitpod_core::Clock;
use gitpod_core::class::WorkspaceClass;
use gitpod_core::store::{IdentityStore, LeaseStore, VariableStore, WorkspaceStore};
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{Facts, Round, Workspace};
use gitpod_ide::IdeCatalog;
use gitpod_image::ImageStore;
use gitpod_runtime::WorkspaceRuntime;
use url::Url;

use crate::entropy::Entropy;
use crate::supervision::Supervision;

pub(crate) use compose::workspace_url;
pub(crate) use driver::Driver;
pub(crate) use task_logs::TaskLogs;

/// Decides about a workspace: [`decide`](gitpod_core::workspace::decide), but for tests that want to see a wrong one found out.
pub(crate) type Decide = fn(&Workspace, &Facts, &Policy) -> Round;

/// What the driver works with.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) runtime: Arc<dyn WorkspaceRuntime>,
    pub(crate) supervision: Arc<dyn Supervision>,
    pub(crate) volumes: Arc<dyn Volumes>,
    pub(crate) initializer: Arc<dyn Initializer>,
    pub(crate) images: Arc<dyn ImageStore>,
    pub(crate) ides: Arc<dyn IdeCatalog>,
    pub(crate) store: Arc<dyn WorkspaceStore>,
    pub(crate) identities: Arc<dyn IdentityStore>,
    /// Environment variables of users; without it they have none.
    pub(crate) variables: Option<Arc<dyn VariableStore>>,
    /// Where several replicas share the store: which of them drives which workspace. `None`: this one drives all.
    pub(crate) leases: Option<Arc<dyn LeaseStore>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) decide: Decide,
    pub(crate) policy: Policy,
    pub(crate) classes: Vec<WorkspaceClass>,
    pub(crate) public_url: Url,
    /// Holds the executable `supervisor`; mounted at `/.supervisor`. `None` for runtimes without processes.
    pub(crate) supervisor_dir: Option<PathBuf>,
    /// Keeps the output of tasks once nothing runs; without it that is forgotten.
    pub(crate) task_logs: Option<TaskLogs>,
}
