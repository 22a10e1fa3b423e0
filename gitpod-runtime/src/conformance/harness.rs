use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use gitpod_core::image::RootFs;
use gitpod_core::mount::Mount;

use super::guest::MARKER;
use crate::WorkspaceRuntime;

/// How guest programs get into an instance.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Guest {
    /// The test executable's path inside the instance.
    pub program: String,
    /// What makes it visible there.
    pub mounts: Vec<Mount>,
}

impl Guest {
    /// The test executable, at `program` inside by way of `mounts`.
    pub fn new(program: impl Into<String>, mounts: Vec<Mount>) -> Self {
        Self {
            program: program.into(),
            mounts,
        }
    }

    pub(super) fn argv(&self, guest: &[&str]) -> Vec<String> {
        let mut argv = vec![self.program.clone(), MARKER.to_owned()];
        argv.extend(guest.iter().map(|&part| part.to_owned()));
        argv
    }
}

/// What the suite needs to know of your runtime.
#[async_trait]
pub trait Harness: fmt::Debug + Send + Sync + 'static {
    /// The runtime under test; every call gives a handle on the same one.
    fn runtime(&self) -> Arc<dyn WorkspaceRuntime>;

    /// A handle as a new process would get it after the old one was killed. Needed for the capability `readopt`.
    async fn restarted(&self) -> Option<Arc<dyn WorkspaceRuntime>> {
        Some(self.runtime())
    }

    /// The tools; the host's by default.
    fn rootfs(&self) -> RootFs {
        RootFs::Host
    }

    /// The guest programs: by default this executable, bind-mounted read-only.
    fn guest(&self) -> Guest {
        let source = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe"));
        let target = PathBuf::from("/conformance/guest");
        Guest::new(
            "/conformance/guest",
            vec![Mount::Bind {
                source,
                target,
                read_only: true,
            }],
        )
    }

    /// Whatever a runtime may leave behind on this machine: mounts, cgroups, network links, directories. The suite compares
    /// it before and after each case.
    fn residue(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }
}
