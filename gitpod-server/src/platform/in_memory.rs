use std::path::PathBuf;
use std::sync::Arc;

use gitpod_content::memory::{MemoryRepositories, MemoryRepository, MemoryVolumes};
use gitpod_core::Result;
use gitpod_core::class::{Resources, WorkspaceClass};
use gitpod_core::ide::IdeSpec;
use gitpod_ide::FixedCatalog;
use gitpod_image::HostImages;
use gitpod_runtime::memory::MemoryRuntime;

use super::{Platform, PlatformBuilder};
use crate::store::MemoryStore;
use crate::supervision::AssumedReady;

/// The one repository that [`Platform::in_memory`] knows: branches `main` and `dev`, a `.gitpod.yml` with a task and a port.
pub const DEMO_REPOSITORY: &str = "https://git.example/demo/app";

const DEMO_GITPOD_YML: &str = "\
tasks:
  - name: Web
    init: make
    command: make serve
ports:
  - port: 8080
    name: web
";

impl Platform {
    /// A whole platform in memory, for tests and first steps: nothing is run, nothing is written. See
    /// [`DEMO_REPOSITORY`] for a URL that works.
    ///
    /// # Errors
    /// None in practice.
    pub fn in_memory() -> Result<Self> {
        Self::in_memory_builder().build()
    }

    /// All parts in memory, each replaceable.
    pub fn in_memory_builder() -> PlatformBuilder {
        let store = Arc::new(MemoryStore::default());
        let repositories = Arc::new(
            MemoryRepositories::new().with_repository(
                DEMO_REPOSITORY,
                MemoryRepository::new()
                    .with_branch("dev")
                    .with_file(".gitpod.yml", DEMO_GITPOD_YML),
            ),
        );
        let package = PathBuf::from("/ide");
        let editors = FixedCatalog::new([
            IdeSpec::new("code", "VS Code", "1", package.clone()),
            IdeSpec::new("terminal", "Terminal", "1", package),
        ]);
        let mut class = WorkspaceClass::new("g1-standard", "Standard", Resources::unlimited());
        class.is_default = true;
        Self::builder()
            .runtime(Arc::new(MemoryRuntime::default()))
            .supervision(Arc::new(AssumedReady))
            .volumes(Arc::new(MemoryVolumes::default()))
            .initializer(Arc::clone(&repositories) as _)
            .resolver(repositories)
            .images(Arc::new(HostImages))
            .ides(Arc::new(editors))
            .store(Arc::clone(&store) as _)
            .identities(Arc::clone(&store) as _)
            .variables(store)
            .classes([class])
    }
}
