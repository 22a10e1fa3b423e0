use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gitpod_core::ide::IdeSpec;
use gitpod_core::{Error, ErrorKind, Result, Retry};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::cache::{Cache, Lock};
use super::inventory::Depth;
use super::npm::{Npm, blocking};
use super::recipe::{Bench, build};
use super::{CatalogConfig, Entry, Ide, IdeCatalog, Package};

/// Hears what happens while a package is put together; closures over `&str` are this.
pub trait Progress: Send + Sync {
    /// Something began, such as `fetching code-server 4.139.1`.
    fn step(&self, message: &str);
}

impl<F: Fn(&str) + Send + Sync> Progress for F {
    fn step(&self, message: &str) {
        self(message);
    }
}

/// A catalogue whose packages are fetched once into a cache directory.
///
/// The cache may be shared by any number of processes. A package is compared with its inventory (names, types, permissions,
/// sizes, times) before it is used, and byte by byte by [`PackagedCatalog::verify`] and [`PackagedCatalog::install`].
#[derive(Debug)]
pub struct PackagedCatalog {
    slots: Vec<Slot>,
    cache: Arc<Cache>,
    npm: Npm,
}

/// A package that was found sound is not compared again for this long: many starts at once share one look.
const TRUSTED: Duration = Duration::from_secs(10);

/// An entry and what this process knows about its package.
#[derive(Debug)]
struct Slot {
    entry: Entry,
    /// Of the package's directory.
    name: String,
    /// Held while the package is compared or fetched; when that went well last.
    checked: Mutex<Option<Instant>>,
}

/// Whether a missing package may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fetch {
    Never,
    IfMissing,
}

impl PackagedCatalog {
    pub(super) fn new(config: CatalogConfig) -> Self {
        let slots = config.editors.into_iter().map(|entry| Slot {
            name: entry.package_name(),
            entry,
            checked: Mutex::default(),
        });
        Self {
            slots: slots.collect(),
            cache: Arc::new(Cache::new(config.cache_dir)),
            npm: Npm::new(config.npm),
        }
    }

    /// Fetches an editor's package now instead of when it is first wanted; says where it lies.
    ///
    /// # Behavior
    /// Does nothing when the package is there and sound, byte by byte; replaces it when it is damaged: instances that have it
    /// mounted keep it. Waits while another process fetches the same package.
    ///
    /// # Errors
    /// As [`IdeCatalog::ensure`].
    ///
    /// # Cancellation
    /// Dropping the future ends the download and removes what it left.
    pub async fn install(&self, id: &str, progress: &dyn Progress) -> Result<PathBuf> {
        self.bring(self.slot(id)?, Depth::Content, progress).await
    }

    /// The package of `slot`, fetched if it is missing or damaged.
    async fn bring(&self, slot: &Slot, depth: Depth, progress: &dyn Progress) -> Result<PathBuf> {
        let package = self.ready(slot, Fetch::IfMissing, depth, progress).await?;
        package.ok_or_else(|| {
            Error::unexpected("an editor vanished while it was fetched")
                .with_context("editor", &slot.entry.id)
        })
    }

    /// Compares every byte of an installed package with its inventory.
    ///
    /// # Errors
    /// `NotFound`: no such editor, or not installed. `FailedPrecondition`: damaged; the message names the first difference.
    pub async fn verify(&self, id: &str) -> Result<()> {
        let slot = self.slot(id)?;
        if self.cache.find(&slot.name).is_none() {
            return Err(Error::not_found("the editor is not installed").with_context("editor", id));
        }
        match self.difference(slot, Depth::Content).await? {
            None => Ok(()),
            Some(difference) => Err(Error::new(
                ErrorKind::FailedPrecondition,
                "the editor's package is damaged",
            )
            .with_context("editor", id)
            .with_context("difference", difference)
            .with_context("package", self.cache.root().join(&slot.name).display())
            .with_hint(format!(
                "`gitpod-server editors install {id}` replaces it; workspaces that run keep the damaged one until they start anew"
            ))),
        }
    }

    fn slot(&self, id: &str) -> Result<&Slot> {
        self.slots
            .iter()
            .find(|slot| slot.entry.id == id)
            .ok_or_else(|| {
                let known: Vec<_> = self
                    .slots
                    .iter()
                    .map(|slot| slot.entry.id.as_str())
                    .collect();
                Error::not_found("there is no such editor")
                    .with_context("editor", id.chars().take(64).collect::<String>())
                    .with_hint(format!("choose one of: {}", known.join(", ")))
            })
    }

    /// The package of `slot`, compared unless it was a moment ago; `None` if it is missing and may not be fetched.
    async fn ready(
        &self,
        slot: &Slot,
        fetch: Fetch,
        depth: Depth,
        progress: &dyn Progress,
    ) -> Result<Option<PathBuf>> {
        let mut checked = slot.checked.lock().await;
        let mut found = self.cache.find(&slot.name);
        let trusted = checked.is_some_and(|at| at.elapsed() < TRUSTED);
        if found.is_some() && trusted && depth == Depth::Metadata {
            return Ok(found);
        }
        *checked = None;
        if found.is_some()
            && let Some(difference) = self.difference(slot, depth).await?
        {
            tracing::warn!(
                package = slot.name,
                difference,
                "an editor's package is damaged and will not be used"
            );
            progress.step(&format!("replacing the damaged package: {difference}"));
            self.replace_damaged(slot, depth).await?;
            found = self.cache.find(&slot.name);
        }
        if found.is_none() && fetch == Fetch::IfMissing {
            let lock = self.cache.lock(&slot.name).await?;
            // Someone else may have been faster while we waited.
            found = match self.cache.find(&slot.name) {
                Some(package) => Some(package),
                None => Some(self.fetch(slot, &lock, progress).await?),
            };
        }
        *checked = found.is_some().then(Instant::now);
        Ok(found)
    }

    /// Sets the package aside, unless another process did so and brought a sound one meanwhile.
    async fn replace_damaged(&self, slot: &Slot, depth: Depth) -> Result<()> {
        let lock = self.cache.lock(&slot.name).await?;
        if self.cache.find(&slot.name).is_some() && self.difference(slot, depth).await?.is_some() {
            self.cache.set_aside(&slot.name, &lock)?;
        }
        Ok(())
    }

    async fn fetch(&self, slot: &Slot, lock: &Lock, progress: &dyn Progress) -> Result<PathBuf> {
        if let Some(why) = self.unavailable(&slot.entry) {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the editor cannot be had on this server",
            )
            .with_retry(Retry::Never)
            .with_context("editor", &slot.entry.id)
            .with_hint(why));
        }
        let staging = self.cache.stage(&slot.name, lock)?;
        let (package, scratch) = (
            staging.path().join("package"),
            staging.path().join("scratch"),
        );
        for dir in [&package, &scratch] {
            std::fs::create_dir(dir).map_err(|error| {
                Error::new(ErrorKind::Unavailable, "cannot prepare an editor package")
                    .with_context("path", dir.display())
                    .with_source(error)
            })?;
        }
        let bench = Bench {
            package: &package,
            scratch: &scratch,
            npm: &self.npm,
        };
        build(&slot.entry, &bench, progress).await?;
        progress.step("storing the package");
        let (cache, name) = (Arc::clone(&self.cache), slot.name.clone());
        let lock = lock.share()?;
        blocking(move || {
            std::fs::remove_dir_all(&scratch).map_err(|error| {
                Error::unexpected("cannot remove an editor's downloads").with_source(error)
            })?;
            cache.commit(&name, staging, &lock)
        })
        .await
    }

    async fn difference(&self, slot: &Slot, depth: Depth) -> Result<Option<String>> {
        let (cache, name) = (Arc::clone(&self.cache), slot.name.clone());
        blocking(move || cache.difference(&name, depth)).await
    }

    /// Why the package cannot be fetched here, if so.
    fn unavailable(&self, entry: &Entry) -> Option<String> {
        let x64 = cfg!(all(target_os = "linux", target_arch = "x86_64"));
        match entry.package {
            Package::Code if !x64 => {
                Some("VS Code is packaged for Linux on x86-64 only".to_owned())
            }
            Package::Code | Package::Terminal if !self.npm.is_there() => {
                Some("npm is needed to fetch it (on Debian: apt-get install npm)".to_owned())
            }
            Package::Code | Package::Terminal | Package::Archive { .. } => None,
        }
    }

    /// Why `chosen` is the default, for people.
    fn default_reason(&self, chosen: &Slot) -> String {
        match self.slots.first() {
            Some(first) if first.entry.id != chosen.entry.id => format!(
                "{} is not installed on this server (`gitpod-server editors install {}` brings it)",
                first.entry.label, first.entry.id
            ),
            _ => format!(
                "{} is the default and installed on this server",
                chosen.entry.label
            ),
        }
    }
}

#[async_trait]
impl IdeCatalog for PackagedCatalog {
    async fn list(&self) -> Result<Vec<Ide>> {
        let describe = |slot: &Slot| {
            let mut ide = Ide::new(&slot.entry.id, &slot.entry.label, &slot.entry.version);
            ide.installed = self.cache.find(&slot.name).is_some();
            if !ide.installed {
                ide.unavailable = self.unavailable(&slot.entry);
            }
            ide
        };
        Ok(self.slots.iter().map(describe).collect())
    }

    async fn ensure(&self, id: Option<&str>) -> Result<IdeSpec> {
        let silent = |_: &str| {};
        if let Some(id) = id {
            let slot = self.slot(id)?;
            let package = self.bring(slot, Depth::Metadata, &silent).await?;
            return Ok(spec(slot, package, "you asked for it".to_owned()));
        }
        for slot in &self.slots {
            let found = self
                .ready(slot, Fetch::Never, Depth::Metadata, &silent)
                .await?;
            if let Some(package) = found {
                return Ok(spec(slot, package, self.default_reason(slot)));
            }
        }
        // Nothing is installed yet: the last editor is the lightest one.
        match self.slots.last() {
            Some(slot) => {
                let package = self.bring(slot, Depth::Metadata, &silent).await?;
                Ok(spec(slot, package, self.default_reason(slot)))
            }
            None => Err(Error::not_found("the catalogue has no editors")),
        }
    }
}

fn spec(slot: &Slot, package: PathBuf, reason: String) -> IdeSpec {
    let entry = &slot.entry;
    let mut spec = IdeSpec::new(&entry.id, &entry.label, &entry.version, package);
    spec.reason = reason;
    spec
}
