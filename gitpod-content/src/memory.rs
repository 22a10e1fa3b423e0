//! The reference backends: volumes and repositories as records in memory, for tests, simulations and first steps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use gitpod_core::content::{CloneTarget, ContentSource, InitReport};
use gitpod_core::git::GitStatus;
use gitpod_core::mount::Mount;
use gitpod_core::{Error, Result, WorkspaceId};
use url::Url;

use crate::{
    ContextResolver, InitContext, Initializer, RepositoryFile, ResolveOptions, Resolved, Volume,
    Volumes,
};

/// Volumes in memory: they remember that they were made, not what is in them.
#[derive(Debug, Default)]
pub struct MemoryVolumes(Mutex<BTreeMap<WorkspaceId, bool>>);

impl MemoryVolumes {
    fn known(&self) -> MutexGuard<'_, BTreeMap<WorkspaceId, bool>> {
        self.0
            .lock()
            .expect("because no holder of this lock can panic")
    }
}

fn volume(workspace: &WorkspaceId, initialized: bool) -> Volume {
    let target = PathBuf::from("/workspace");
    let mount = Mount::Tmpfs {
        target: target.clone(),
        size: 1 << 20,
    };
    let mut volume = Volume::new(workspace.clone(), mount, target);
    volume.initialized = initialized;
    volume
}

#[async_trait]
impl Volumes for MemoryVolumes {
    async fn ensure(&self, workspace: &WorkspaceId, _disk_bytes: Option<u64>) -> Result<Volume> {
        let initialized = *self.known().entry(workspace.clone()).or_default();
        Ok(volume(workspace, initialized))
    }

    async fn inspect(&self, workspace: &WorkspaceId) -> Result<Option<Volume>> {
        let initialized = self.known().get(workspace).copied();
        Ok(initialized.map(|initialized| volume(workspace, initialized)))
    }

    async fn mark_initialized(&self, workspace: &WorkspaceId) -> Result<()> {
        match self.known().get_mut(workspace) {
            Some(initialized) => {
                *initialized = true;
                Ok(())
            }
            None => Err(Error::not_found("no such volume").with_context("workspace", workspace)),
        }
    }

    async fn remove(&self, workspace: &WorkspaceId) -> Result<()> {
        self.known().remove(workspace);
        Ok(())
    }

    async fn list(&self) -> Result<Vec<WorkspaceId>> {
        Ok(self.known().keys().cloned().collect())
    }
}

/// A repository in memory: branches, and the same files at each.
#[derive(Debug, Clone, Default)]
pub struct MemoryRepository {
    branches: BTreeSet<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryRepository {
    /// A repository whose default branch, and only one, is `main`.
    pub fn new() -> Self {
        Self {
            branches: BTreeSet::from([String::from(DEFAULT_BRANCH)]),
            files: BTreeMap::new(),
        }
    }

    /// With a branch more.
    #[must_use]
    pub fn with_branch(mut self, name: impl Into<String>) -> Self {
        self.branches.insert(name.into());
        self
    }

    /// With a file.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), content.into());
        self
    }

    fn bring(&self, wanted: &[String]) -> Vec<RepositoryFile> {
        let matching = |pattern: &String| {
            let pattern = pattern.clone();
            let files = self.files.iter();
            files.filter(move |(path, _)| matches(&pattern, path))
        };
        wanted
            .iter()
            .flat_map(matching)
            .map(|(path, content)| RepositoryFile {
                path: path.clone(),
                content: content.clone(),
            })
            .collect()
    }

    fn list(&self, directories: &[String]) -> Vec<String> {
        let of_directory = |directory: &String| {
            let directory = directory.clone();
            let of = |path: &str| path.rsplit_once('/').map_or("", |(of, _)| of).to_owned();
            self.files.keys().filter(move |path| of(path) == directory)
        };
        directories.iter().flat_map(of_directory).cloned().collect()
    }
}

/// Whether the path is the pattern's, where a `*` stands for any name in a part.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == path;
    };
    path.strip_prefix(before)
        .and_then(|path| path.strip_suffix(after))
        .is_some_and(|name| !name.contains('/'))
}

const DEFAULT_BRANCH: &str = "main";

/// A world of repositories in memory: resolves references and "clones" them.
#[derive(Debug, Clone, Default)]
pub struct MemoryRepositories(BTreeMap<String, MemoryRepository>);

impl MemoryRepositories {
    /// A world without repositories.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a repository at `url` (with or without `.git` at its end).
    #[must_use]
    pub fn with_repository(mut self, url: &str, repository: MemoryRepository) -> Self {
        self.0.insert(key(url).to_owned(), repository);
        self
    }

    fn find(&self, remote: &Url) -> Result<&MemoryRepository> {
        self.0.get(key(remote.as_str())).ok_or_else(|| {
            let known: Vec<_> = self.0.keys().map(String::as_str).collect();
            Error::not_found("no such repository")
                .with_context("remote", remote)
                .with_hint(format!("this server knows: {}", known.join(", ")))
        })
    }
}

fn key(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url)
}

/// A made-up commit hash that depends on repository and branch alone.
fn commit(remote: &Url, branch: &str) -> String {
    let fnv = format!("{}#{branch}", key(remote.as_str()))
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{fnv:016x}{fnv:016x}{:08x}", fnv & 0xffff_ffff)
}

#[async_trait]
impl ContextResolver for MemoryRepositories {
    async fn resolve(
        &self,
        remote: &Url,
        reference: Option<&str>,
        options: &ResolveOptions,
    ) -> Result<Resolved> {
        let repository = self.find(remote)?;
        let branch = reference.unwrap_or(DEFAULT_BRANCH);
        let target = match reference {
            None => CloneTarget::RemoteHead,
            Some(name) if repository.branches.contains(name) => {
                CloneTarget::Branch(name.to_owned())
            }
            Some(name) => {
                let known: Vec<_> = repository.branches.iter().map(String::as_str).collect();
                return Err(Error::not_found("no such branch, tag or commit")
                    .with_context("reference", name)
                    .with_hint(format!("there are: {}", known.join(", "))));
            }
        };
        let mut resolved = Resolved::new(target);
        resolved.revision = Some(commit(remote, branch));
        resolved.default_branch = Some(DEFAULT_BRANCH.to_owned());
        resolved.files = repository.bring(&options.files);
        if resolved.files.is_empty() {
            let others = &options.otherwise;
            resolved.files = repository.bring(&others.files);
            resolved.listing = repository.list(&others.directories);
        }
        Ok(resolved)
    }
}

#[async_trait]
impl Initializer for MemoryRepositories {
    async fn init(
        &self,
        volume: &Volume,
        source: &ContentSource,
        context: &InitContext,
    ) -> Result<InitReport> {
        let mut report = InitReport::default();
        match source {
            ContentSource::Empty => report.kind = String::from("empty"),
            ContentSource::Git(git) => {
                self.find(&git.remote)?;
                let branch = match &git.target {
                    CloneTarget::Branch(name) => name,
                    _ => DEFAULT_BRANCH,
                };
                report.kind = String::from("git");
                report.commit = Some(commit(&git.remote, branch));
            }
            ContentSource::Composite(sources) => {
                for source in sources {
                    report = self.init(volume, source, context).await?;
                }
                report.kind = String::from("composite");
            }
            other => {
                return Err(Error::unsupported("no such content source in memory")
                    .with_context("source", format!("{other:?}")));
            }
        }
        Ok(report)
    }

    async fn git_status(
        &self,
        _volume: &Volume,
        _checkout_location: &str,
    ) -> Result<Option<GitStatus>> {
        // Nothing can be changed in a volume that holds no files.
        Ok(Some(GitStatus::default()))
    }
}
