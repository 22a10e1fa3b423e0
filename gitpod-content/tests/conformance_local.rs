//! Volumes on disk and the git executable keep all promises, by jobs that are plain processes.

use std::collections::BTreeSet;
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use gitpod_content::conformance::{Harness, make_repository, run};
use gitpod_content::git::{GitConfig, GitInitializer, GitResolver};
use gitpod_content::local::{LocalVolumes, LocalVolumesConfig};
use gitpod_content::{ContextResolver, DirectRunner, Initializer, Initializers, Volumes};
use gitpod_core::job::JobRunner;
use tempfile::TempDir;
use url::Url;

#[derive(Debug)]
struct Local {
    directory: TempDir,
    volumes: Arc<LocalVolumes>,
    git: GitConfig,
    remote: Url,
}

impl Local {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let config = LocalVolumesConfig::new(directory.path().join("workspaces"));
        let executor = tokio::runtime::Runtime::new().expect("an executor");
        let volumes = executor.block_on(config.build()).expect("volumes");
        let mut git = GitConfig::default();
        git.scratch_dir = Some(directory.path().join("scratch"));
        let remote = make_repository(&directory.path().join("remote")).expect("a repository");
        Self {
            volumes: Arc::new(volumes),
            directory,
            git,
            remote,
        }
    }
}

fn runner() -> Arc<dyn JobRunner> {
    Arc::new(DirectRunner)
}

#[async_trait]
impl Harness for Local {
    fn volumes(&self) -> Arc<dyn Volumes> {
        Arc::clone(&self.volumes) as _
    }

    async fn reopened(&self) -> Option<Arc<dyn Volumes>> {
        let config = LocalVolumesConfig::new(self.directory.path().join("workspaces"));
        Some(Arc::new(config.build().await.ok()?))
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn has_files(&self) -> bool {
        true
    }

    fn initializer(&self) -> Option<Arc<dyn Initializer>> {
        let git = GitInitializer::new(self.git.clone(), runner());
        Some(Arc::new(Initializers::new().with_git(Arc::new(git))))
    }

    fn resolver(&self) -> Option<Arc<dyn ContextResolver>> {
        Some(Arc::new(GitResolver::new(self.git.clone(), runner())))
    }

    fn remote(&self) -> Option<Url> {
        Some(self.remote.clone())
    }

    fn residue(&self) -> BTreeSet<String> {
        let scratch = fs::read_dir(self.directory.path().join("scratch"));
        let scratch = scratch.into_iter().flatten().flatten();
        scratch
            .map(|entry| entry.path().display().to_string())
            .collect()
    }
}

fn main() -> ExitCode {
    run(Local::new())
}
