//! Repositories, volumes and parts of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use gitpod_content::git::{GitConfig, GitInitializer, GitResolver};
use gitpod_content::local::{LocalVolumes, LocalVolumesConfig};
use gitpod_content::{
    DirectRunner, InitContext, Initializer, Initializers, ResolveOptions, Volume, Volumes,
};
use gitpod_core::content::{ContentSource, GitSource, InitReport};
use gitpod_core::{Result, WorkspaceId};
use tempfile::TempDir;
use url::Url;

/// A directory that goes with the test, with a volume store in it.
pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) volumes: LocalVolumes,
    pub(crate) initializers: Initializers,
    pub(crate) resolver: GitResolver,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut GitConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = GitConfig::default();
        config.scratch_dir = Some(dir.path().join("scratch"));
        change(&mut config);
        let runner = Arc::new(DirectRunner);
        let git = GitInitializer::new(config.clone(), Arc::clone(&runner) as _);
        Self {
            volumes: LocalVolumesConfig::new(dir.path().join("workspaces"))
                .build()
                .await
                .unwrap(),
            initializers: Initializers::new().with_git(Arc::new(git)),
            resolver: GitResolver::new(config, runner),
            dir,
        }
    }

    /// A new repository with one commit on `main`.
    pub(crate) fn repository(&self, name: &str) -> Repository {
        let repository = Repository(self.dir.path().join(name));
        fs::create_dir_all(&repository.0).unwrap();
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit("README.md", "hello\n");
        repository
    }

    pub(crate) async fn volume(&self) -> Volume {
        let id = WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap();
        self.volumes.ensure(&id, None).await.unwrap()
    }

    pub(crate) async fn init(&self, source: GitSource) -> Result<(Volume, InitReport)> {
        let volume = self.volume().await;
        let source = ContentSource::Git(Box::new(source));
        let report = self.initializers.init(&volume, &source, &local()).await?;
        Ok((volume, report))
    }

    /// What is left in the scratch directory.
    pub(crate) fn scratch(&self) -> usize {
        fs::read_dir(self.dir.path().join("scratch")).map_or(0, Iterator::count)
    }
}

/// This machine's repositories are fine.
pub(crate) fn local() -> InitContext {
    let mut context = InitContext::default();
    context.allow_local = true;
    context
}

/// The same, and bring these files along.
pub(crate) fn wanting(files: &[&str]) -> ResolveOptions {
    let mut options = ResolveOptions::default();
    options.allow_local = true;
    options.files = files.iter().map(|&file| file.to_owned()).collect();
    options
}

/// A repository with a working tree.
pub(crate) struct Repository(pub(crate) PathBuf);

impl Repository {
    pub(crate) fn url(&self) -> Url {
        Url::from_file_path(&self.0).unwrap()
    }

    pub(crate) fn source(&self) -> GitSource {
        GitSource::new(self.url(), "repo")
    }

    /// Writes a file and commits it; gives the commit.
    pub(crate) fn commit(&self, path: &str, content: &str) -> String {
        let file = self.0.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", path]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.0, arguments)
    }
}

/// Runs the real git as a user would.
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(["-c", "protocol.file.allow=always", "-c", "safe.directory=*"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
