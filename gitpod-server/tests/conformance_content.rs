//! Content with the sandbox as runner of its jobs: what users get.

use std::collections::BTreeSet;
use std::fs;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use gitpod_content::conformance::{Harness, make_repository, run};
use gitpod_content::git::{GitConfig, GitInitializer, GitResolver};
use gitpod_content::local::{LocalVolumes, LocalVolumesConfig};
use gitpod_content::{ContextResolver, Initializer, Initializers, Volumes};
use gitpod_core::job::JobRunner;
use gitpod_runtime::sandbox::{SandboxConfig, SandboxRuntime, reexec};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use url::Url;

/// Opened at the first use: listing the cases takes no sandbox.
#[derive(Debug, Clone, Default)]
struct Sandboxed(Arc<OnceLock<Opened>>);

#[derive(Debug)]
struct Opened {
    sandbox: Arc<SandboxRuntime>,
    volumes: Arc<LocalVolumes>,
    git: GitConfig,
    remote: Url,
    directory: TempDir,
    // Keeps the sandbox's background work going.
    executor: Runtime,
}

impl Opened {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut config = SandboxConfig::new(directory.path().join("sandbox"));
        config.cgroup_parent = Some(format!("gitpod-content-{}", std::process::id()));
        let volumes = LocalVolumesConfig::new(directory.path().join("workspaces"));
        let executor = Runtime::new().expect("an executor");
        let sandbox = executor
            .block_on(config.build())
            .expect("the sandbox opens");
        let volumes = executor
            .block_on(volumes.build())
            .expect("the volumes open");
        let mut git = GitConfig::default();
        git.scratch_dir = Some(directory.path().join("scratch"));
        Self {
            sandbox: Arc::new(sandbox),
            volumes: Arc::new(volumes),
            git,
            remote: make_repository(&directory.path().join("remote")).expect("a repository"),
            directory,
            executor,
        }
    }
}

impl Sandboxed {
    /// Made outside of the cases' own executors, which may not wait for another one.
    fn opened(&self) -> &Opened {
        self.0.get_or_init(|| {
            std::thread::spawn(Opened::new)
                .join()
                .expect("the parts open")
        })
    }

    fn runner(&self) -> Arc<dyn JobRunner> {
        Arc::clone(&self.opened().sandbox) as _
    }

    /// Takes everything away, cgroups too.
    fn close(&self) {
        if let Some(opened) = self.0.get() {
            opened
                .executor
                .block_on(opened.sandbox.purge())
                .expect("the sandbox closes");
        }
    }
}

#[async_trait]
impl Harness for Sandboxed {
    fn volumes(&self) -> Arc<dyn Volumes> {
        Arc::clone(&self.opened().volumes) as _
    }

    fn has_files(&self) -> bool {
        true
    }

    fn initializer(&self) -> Option<Arc<dyn Initializer>> {
        let git = GitInitializer::new(self.opened().git.clone(), self.runner());
        Some(Arc::new(Initializers::new().with_git(Arc::new(git))))
    }

    fn resolver(&self) -> Option<Arc<dyn ContextResolver>> {
        Some(Arc::new(GitResolver::new(
            self.opened().git.clone(),
            self.runner(),
        )))
    }

    fn remote(&self) -> Option<Url> {
        Some(self.opened().remote.clone())
    }

    fn residue(&self) -> BTreeSet<String> {
        let scratch = fs::read_dir(self.opened().directory.path().join("scratch"));
        let scratch = scratch.into_iter().flatten().flatten();
        scratch
            .map(|entry| entry.path().display().to_string())
            .collect()
    }
}

fn main() -> ExitCode {
    reexec();
    let sandboxed = Sandboxed::default();
    let code = run(sandboxed.clone());
    sandboxed.close();
    code
}
