//! What an operator configures: one TOML file, every key with a default, unknown keys refused.

mod classes;
#[cfg(feature = "cli")]
mod load;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use gitpod_content::local::DiskLimits;
use gitpod_core::class::WorkspaceClass;
use gitpod_core::context::{Hosts, Platform};
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use url::Url;

/// The configuration of a server. `gitpod-server check-config` prints the effective one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Everything the server keeps: records, workspaces, sandboxes, images. On a local disk.
    pub data_dir: PathBuf,
    /// Where it listens. Beyond loopback only behind a TLS proxy.
    pub listen: SocketAddr,
    /// Where browsers reach it; `http://localhost:<port>` by default. Workspaces are at names below `ws.` of it.
    pub public_url: Option<Url>,
    /// The supervisor's executable: `supervisor` beside this program by default, else this program itself.
    pub supervisor: Option<PathBuf>,
    /// Self-hosted git platforms, so that addresses of their pages are understood; the public ones are always known.
    pub hosts: Vec<HostConfig>,
    /// What runs instances.
    pub runtime: RuntimeConfig,
    /// Editors.
    pub editors: EditorsConfig,
    /// Images.
    pub images: ImagesConfig,
    /// Disks of workspaces.
    pub disk: DiskConfig,
    /// What users may choose; the first one that is `is_default`, or the first one, is the default.
    pub classes: Vec<WorkspaceClass>,
    /// Limits of time and attempts.
    pub policy: Policy,
}

/// A self-hosted git platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HostConfig {
    /// Where it is, with the path that its pages are below: `https://git.example/gitlab`.
    pub url: Url,
    /// What it is: `github`, `gitlab`, `bitbucket-server`, `azure-devops`, `gitea`; `git` for a server without pages.
    pub platform: Platform,
}

/// What runs instances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", deny_unknown_fields)]
#[non_exhaustive]
pub enum RuntimeConfig {
    /// The embedded sandbox: Linux namespaces, no daemon.
    #[default]
    Sandbox,
}

/// Where editors come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EditorsConfig {
    /// Where packages are kept, for all servers of a machine: `$XDG_CACHE_HOME/gitpod/ide` by default.
    pub cache_dir: Option<PathBuf>,
    /// What users may choose, the preferred one first. Beside the built-in ones, archives of this machine can be named.
    pub catalog: Vec<gitpod_ide::Entry>,
}

impl Default for EditorsConfig {
    fn default() -> Self {
        Self {
            cache_dir: None,
            catalog: vec![gitpod_ide::Entry::code(), gitpod_ide::Entry::terminal()],
        }
    }
}

/// Where images come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ImagesConfig {
    /// Directories of this machine below which repositories may name OCI layouts (`image: oci:/srv/images/NAME:TAG`).
    pub layouts: Vec<PathBuf>,
}

impl Default for ImagesConfig {
    fn default() -> Self {
        Self {
            layouts: vec![PathBuf::from("/srv/images")],
        }
    }
}

/// Disks of workspaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DiskConfig {
    /// Whether a workspace's files are limited to the `disk_bytes` of its class: `auto` (where loop devices can be mounted, with a
    /// warning elsewhere), `required`, `off`.
    pub limits: DiskLimits,
    /// With less than this free on the data directory's disk no workspace starts; with less than half of it, the one whose files
    /// grow most is killed, so that the others can go on writing.
    pub reserve_bytes: u64,
}

impl Default for DiskConfig {
    fn default() -> Self {
        Self {
            limits: DiskLimits::default(),
            reserve_bytes: 1 << 30,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("/var/lib/gitpod"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            supervisor: None,
            hosts: Vec::new(),
            runtime: RuntimeConfig::default(),
            editors: EditorsConfig::default(),
            images: ImagesConfig::default(),
            disk: DiskConfig::default(),
            classes: classes::standard(),
            policy: Policy::default(),
        }
    }
}

impl Config {
    /// Where browsers reach the server that listens at `local`.
    ///
    /// # Errors
    /// None in practice: the default is built from a port number.
    pub fn public_url(&self, local: SocketAddr) -> Result<Url> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None => Url::parse(&format!("http://localhost:{}", local.port()))
                .map_err(|e| Error::unexpected("cannot make the default address").with_source(e)),
        }
    }

    /// The git platforms that context URLs may be of.
    ///
    /// # Errors
    /// `ConfigInvalid`: an address is none of an installation.
    pub fn hosts(&self) -> Result<Hosts> {
        self.hosts.iter().try_fold(Hosts::new(), |hosts, host| {
            hosts
                .with(host.platform, host.url.as_str())
                .map_err(|error| {
                    Error::new(ErrorKind::ConfigInvalid, "a host is none of a git platform")
                        .with_context("key", "hosts")
                        .with_source(error)
                })
        })
    }

    /// Checks what types cannot: before anything is touched.
    ///
    /// # Errors
    /// `ConfigInvalid`, naming the key.
    pub fn validate(&self) -> Result<()> {
        let refuse = |key: &str, what: &str| {
            Err(Error::new(ErrorKind::ConfigInvalid, what.to_owned()).with_context("key", key))
        };
        if !self.data_dir.is_absolute() {
            return refuse("data_dir", "the data directory has to be an absolute path");
        }
        if self.classes.is_empty() {
            return refuse("classes", "at least one class is needed");
        }
        let mut ids: Vec<_> = self.classes.iter().map(|class| class.id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return refuse("classes", "two classes have the same id");
        }
        self.hosts()?;
        Ok(())
    }
}
