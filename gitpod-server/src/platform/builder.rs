use std::path::PathBuf;
use std::sync::Arc;

use gitpod_content::{ContextResolver, Initializer, Volumes};
use gitpod_core::class::WorkspaceClass;
use gitpod_core::context::Hosts;
use gitpod_core::store::{IdentityStore, LeaseStore, VariableStore, WorkspaceStore};
use gitpod_core::workspace::decide;
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::{Clock, Error, ErrorKind, Result, SystemClock};
use gitpod_ide::IdeCatalog;
use gitpod_image::ImageStore;
use gitpod_runtime::WorkspaceRuntime;
use url::Url;

use super::Platform;
use crate::entropy::{Entropy, SystemEntropy};
use crate::reconcile::{Decide, Parts, TaskLogs};
use crate::supervision::Supervision;

/// Collects the parts of a [`Platform`].
///
/// Runtime, supervision, volumes, initializer, resolver, images, editors, store, identities and at least one class are
/// needed; clock, policy and public address have defaults, environment variables are kept where there is a store for them.
#[derive(Debug)]
pub struct PlatformBuilder {
    runtime: Option<Arc<dyn WorkspaceRuntime>>,
    supervision: Option<Arc<dyn Supervision>>,
    volumes: Option<Arc<dyn Volumes>>,
    initializer: Option<Arc<dyn Initializer>>,
    resolver: Option<Arc<dyn ContextResolver>>,
    images: Option<Arc<dyn ImageStore>>,
    ides: Option<Arc<dyn IdeCatalog>>,
    store: Option<Arc<dyn WorkspaceStore>>,
    identities: Option<Arc<dyn IdentityStore>>,
    variables: Option<Arc<dyn VariableStore>>,
    leases: Option<Arc<dyn LeaseStore>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    decide: Decide,
    policy: Policy,
    classes: Vec<WorkspaceClass>,
    public_url: Option<Url>,
    hosts: Hosts,
    supervisor_dir: Option<PathBuf>,
    task_logs: Option<TaskLogs>,
}

impl Default for PlatformBuilder {
    fn default() -> Self {
        Self {
            runtime: None,
            supervision: None,
            volumes: None,
            initializer: None,
            resolver: None,
            images: None,
            ides: None,
            store: None,
            identities: None,
            variables: None,
            leases: None,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            decide,
            policy: Policy::default(),
            classes: Vec::new(),
            public_url: None,
            hosts: Hosts::new(),
            supervisor_dir: None,
            task_logs: None,
        }
    }
}

macro_rules! part {
    ($($(#[$doc:meta])* $name:ident: $contract:path;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(mut self, part: Arc<dyn $contract>) -> Self {
                self.$name = Some(part);
                self
            }
        )*
    };
}

impl PlatformBuilder {
    part! {
        /// Runs instances.
        runtime: WorkspaceRuntime;
        /// Listens to supervisors.
        supervision: Supervision;
        /// Keeps the files of workspaces.
        volumes: Volumes;
        /// Fills new volumes.
        initializer: Initializer;
        /// Asks git servers about repositories.
        resolver: ContextResolver;
        /// Makes images ready.
        images: ImageStore;
        /// Knows the editors.
        ides: IdeCatalog;
        /// Keeps workspaces and events.
        store: WorkspaceStore;
        /// Keeps users and tokens.
        identities: IdentityStore;
        /// Keeps environment variables; without it users have none.
        variables: VariableStore;
        /// Shares the store with other replicas: each workspace is driven by the one that holds its lease. Without it this platform
        /// drives all of them, and has to be the only one.
        leases: LeaseStore;
    }

    /// Tells the time; the machine's clock by default.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Makes ids and tokens; of the machine's chance by default.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Decides otherwise than [`decide`]: for tests that want to see a wrong decision found out.
    #[doc(hidden)]
    #[must_use]
    pub fn decide_with(mut self, decide: Decide) -> Self {
        self.decide = decide;
        self
    }

    /// Limits of time and attempts.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The classes that users may choose; the first one that says so, or the first one, is the default.
    #[must_use]
    pub fn classes(mut self, classes: impl IntoIterator<Item = WorkspaceClass>) -> Self {
        self.classes = classes.into_iter().collect();
        self
    }

    /// Where browsers reach the platform; `http://localhost` by default. Workspaces are below `ws.` of it.
    #[must_use]
    pub fn public_url(mut self, url: Url) -> Self {
        self.public_url = Some(url);
        self
    }

    /// Installations of git platforms whose pages context URLs may be; the public ones are always known.
    #[must_use]
    pub fn hosts(mut self, hosts: Hosts) -> Self {
        self.hosts = hosts;
        self
    }

    /// The directory that holds the executable `supervisor`. Needed by runtimes that run processes.
    #[must_use]
    pub fn supervisor_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.supervisor_dir = Some(dir.into());
        self
    }

    /// The directory where the output of tasks is kept once their workspace is stopped; by default it is not kept.
    #[must_use]
    pub fn task_logs_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.task_logs = Some(TaskLogs::new(dir.into()));
        self
    }

    /// The platform; it does nothing on its own before [`Platform::spawn`].
    ///
    /// # Errors
    /// `ConfigInvalid`, naming every part that is missing.
    pub fn build(self) -> Result<Platform> {
        let missing = self.missing();
        let incomplete = || {
            Error::new(ErrorKind::ConfigInvalid, "the platform lacks parts")
                .with_context("missing", missing.join(", "))
                .with_hint("give each to the builder; `Platform::in_memory()` shows a complete set")
        };
        let public_url = match self.public_url {
            Some(url) => url,
            None => Url::parse("http://localhost")
                .map_err(|e| Error::unexpected("the default address is wrong").with_source(e))?,
        };
        if !missing.is_empty() {
            return Err(incomplete());
        }
        let parts = Parts {
            runtime: self.runtime.ok_or_else(incomplete)?,
            supervision: self.supervision.ok_or_else(incomplete)?,
            volumes: self.volumes.ok_or_else(incomplete)?,
            initializer: self.initializer.ok_or_else(incomplete)?,
            images: self.images.ok_or_else(incomplete)?,
            ides: self.ides.ok_or_else(incomplete)?,
            store: self.store.ok_or_else(incomplete)?,
            identities: self.identities.ok_or_else(incomplete)?,
            variables: self.variables,
            leases: self.leases,
            clock: self.clock,
            entropy: self.entropy,
            decide: self.decide,
            policy: self.policy,
            classes: self.classes,
            public_url,
            supervisor_dir: self.supervisor_dir,
            task_logs: self.task_logs,
        };
        Ok(Platform::assemble(
            parts,
            self.resolver.ok_or_else(incomplete)?,
            self.hosts,
        ))
    }

    fn missing(&self) -> Vec<&'static str> {
        let processes = self
            .runtime
            .as_ref()
            .is_some_and(|runtime| runtime.info().capabilities.processes);
        [
            ("runtime", self.runtime.is_none()),
            ("supervision", self.supervision.is_none()),
            ("volumes", self.volumes.is_none()),
            ("initializer", self.initializer.is_none()),
            ("resolver", self.resolver.is_none()),
            ("images", self.images.is_none()),
            ("ides", self.ides.is_none()),
            ("store", self.store.is_none()),
            ("identities", self.identities.is_none()),
            ("classes", self.classes.is_empty()),
            (
                "supervisor_dir (the runtime runs processes)",
                processes && self.supervisor_dir.is_none(),
            ),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_part_is_named_at_once() {
        let error = PlatformBuilder::default().build().unwrap_err();
        let text = error.to_string();
        for part in ["runtime", "store", "resolver", "classes"] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
    }
}
