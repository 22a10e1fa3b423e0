//! From configuration to parts: the one place that names backends, and (with the module lists) the one that knows features.

mod supervisor;

#[cfg(feature = "cli")]
pub(crate) use supervisor::find as supervisor_executable;

use std::path::PathBuf;
use std::sync::Arc;

use gitpod_content::git::{GitConfig, GitInitializer, GitResolver};
use gitpod_content::local::LocalVolumesConfig;
use gitpod_content::{Initializer, Initializers};
use gitpod_core::class::WorkspaceClass;
use gitpod_core::job::JobRunner;
use gitpod_core::{Clock, Error, ErrorKind, Result};
use gitpod_ide::{CatalogConfig, IdeCatalog as _, PackagedCatalog};
use gitpod_image::local::LocalImagesConfig;
use gitpod_runtime::WorkspaceRuntime;
use gitpod_runtime::sandbox::SandboxConfig;
use url::Url;

use crate::Platform;
use crate::config::{Config, RuntimeConfig};
use crate::store::{Keyring, SqliteStore};
use crate::supervision::Dialled;

/// Name of the database in the data directory.
const DATABASE: &str = "gitpod.db";
/// Name of the file, in the data directory, with the keys of its secrets.
const KEYS: &str = "secrets.key";

/// Opens the records of a server.
///
/// # Errors
/// The database cannot be opened, or the key file is not the one of this database.
pub async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> Result<SqliteStore> {
    let keys = Keyring::open(&config.data_dir.join(KEYS))?;
    SqliteStore::open(&config.data_dir.join(DATABASE), keys, clock).await
}

/// The editors of a server.
///
/// # Errors
/// No cache directory can be found, or the catalogue is malformed.
pub fn catalog(config: &Config) -> Result<PackagedCatalog> {
    let cache_dir = config
        .editors
        .cache_dir
        .clone()
        .or_else(|| CatalogConfig::default_cache_dir(|name| std::env::var_os(name)))
        .unwrap_or_else(|| config.data_dir.join("ide"));
    let mut catalog = CatalogConfig::new(cache_dir);
    catalog.editors.clone_from(&config.editors.catalog);
    catalog.build()
}

/// A platform of reference backends, over `store`, reached at `public_url`.
///
/// # Errors
/// A backend cannot be opened; the error names it and what to do.
pub async fn platform(
    config: &Config,
    public_url: Url,
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
) -> Result<Platform> {
    let (runtime, jobs) = runtime(config).await?;
    let volumes = volumes(config).build().await?;
    let mut images = LocalImagesConfig::new(config.data_dir.join("images"));
    images.layouts.clone_from(&config.images.layouts);
    let images = images.build().await?;
    let mut git = GitConfig::default();
    git.scratch_dir = Some(scratch_dir(config)?);
    let initializer: Arc<dyn Initializer> = Arc::new(Initializers::new().with_git(Arc::new(
        GitInitializer::new(git.clone(), Arc::clone(&jobs)),
    )));
    let ides = Arc::new(catalog(config)?);
    warm(Arc::clone(&ides));
    Platform::builder()
        .supervision(Arc::new(Dialled::new(Arc::clone(&runtime))))
        .runtime(runtime)
        .volumes(Arc::new(volumes))
        .initializer(initializer)
        .resolver(Arc::new(GitResolver::new(git, jobs)))
        .images(Arc::new(images))
        .ides(ides)
        .store(Arc::clone(&store) as Arc<_>)
        .identities(Arc::clone(&store) as Arc<_>)
        .variables(store)
        .clock(clock)
        .policy(config.policy.clone())
        .classes(config.classes.clone())
        .supervisor_dir(supervisor::prepare(config)?)
        .task_logs_dir(config.data_dir.join("task-logs"))
        .public_url(public_url)
        .hosts(config.hosts()?)
        .build()
}

/// Where and how files of workspaces are kept; those of the classes' sizes are made ready in advance.
pub(crate) fn volumes(config: &Config) -> LocalVolumesConfig {
    let mut volumes = LocalVolumesConfig::new(config.data_dir.join("workspaces"));
    volumes.disk_limits = config.disk.limits;
    volumes.reserve_bytes = config.disk.reserve_bytes;
    // The default class first.
    let by_default = |class: &&WorkspaceClass| !class.is_default;
    let mut classes: Vec<_> = config.classes.iter().collect();
    classes.sort_by_key(by_default);
    let mut sizes = Vec::new();
    for bytes in classes.iter().filter_map(|c| c.resources.disk_bytes) {
        if !sizes.contains(&bytes) {
            sizes.push(bytes);
        }
    }
    volumes.spare_sizes = sizes;
    volumes
}

/// Compares the default editor's package with its inventory now, rather than while the first workspace waits for it.
fn warm(ides: Arc<PackagedCatalog>) {
    tokio::spawn(async move {
        let all = ides.list().await.unwrap_or_default();
        // With none there, the first start fetches one, and its user is told so.
        if all.iter().any(|ide| ide.installed)
            && let Err(error) = ides.ensure(None).await
        {
            tracing::warn!(error = %gitpod_core::Chain(&error), "the default editor is not ready");
        }
    });
}

async fn runtime(config: &Config) -> Result<(Arc<dyn WorkspaceRuntime>, Arc<dyn JobRunner>)> {
    match config.runtime {
        RuntimeConfig::Sandbox => {
            let sandbox = SandboxConfig::new(config.data_dir.join("sandbox"))
                .build()
                .await?;
            let sandbox = Arc::new(sandbox);
            Ok((Arc::clone(&sandbox) as Arc<dyn WorkspaceRuntime>, sandbox))
        }
    }
}

/// Where resolving keeps short-lived files; emptied at each start, so that a crash leaves nothing for long.
fn scratch_dir(config: &Config) -> Result<PathBuf> {
    let dir = config.data_dir.join("scratch");
    let failed = |what: &'static str| {
        let dir = dir.clone();
        move |e: std::io::Error| {
            Error::new(ErrorKind::Unavailable, what)
                .with_context("path", dir.display())
                .with_source(e)
        }
    };
    match std::fs::remove_dir_all(&dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(failed("cannot empty the scratch directory")(e));
        }
        Ok(()) | Err(_) => {}
    }
    std::fs::create_dir(&dir).map_err(failed("cannot make the scratch directory"))?;
    Ok(dir)
}
