use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Error, Result};

/// What serves a repository, and so what its pages look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Platform {
    /// GitHub, also GitHub Enterprise Server.
    Github,
    /// GitLab, also self-managed.
    Gitlab,
    /// bitbucket.org.
    Bitbucket,
    /// Bitbucket Server and Data Center.
    BitbucketServer,
    /// Azure DevOps, also on premises.
    AzureDevops,
    /// Gitea and Forgejo, such as Codeberg.
    Gitea,
    /// Some git server; it has no pages that we know.
    Git,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 7] = [
        Self::Github,
        Self::Gitlab,
        Self::Bitbucket,
        Self::BitbucketServer,
        Self::AzureDevops,
        Self::Gitea,
        Self::Git,
    ];

    /// Its name in configuration and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Bitbucket => "bitbucket",
            Self::BitbucketServer => "bitbucket-server",
            Self::AzureDevops => "azure-devops",
            Self::Gitea => "gitea",
            Self::Git => "git",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Platform {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|p| p.as_str() == text);
        found.ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::invalid("not a platform")
                .with_context("platform", text.chars().take(40).collect::<String>())
                .with_hint(format!("the platforms are {known}"))
        })
    }
}

/// Longest address of an installation.
const MAX_BASE: usize = 2_048;

const WELL_KNOWN: [(&str, Platform); 8] = [
    ("github.com", Platform::Github),
    ("gitlab.com", Platform::Gitlab),
    ("bitbucket.org", Platform::Bitbucket),
    ("dev.azure.com", Platform::AzureDevops),
    ("ssh.dev.azure.com", Platform::AzureDevops),
    ("vs-ssh.visualstudio.com", Platform::AzureDevops),
    ("codeberg.org", Platform::Gitea),
    ("gitea.com", Platform::Gitea),
];

/// Which platform answers on which host: the public ones always, and those that were added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    added: Vec<Host>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
    prefix: Vec<String>,
    platform: Platform,
}

/// What was found for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) platform: Platform,
    /// Segments of the path that belong to the installation.
    pub(super) prefix: usize,
}

impl Hosts {
    /// The public platforms alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an installation of `platform` at `base`, such as `https://git.example/gitlab`. Of several that fit an address the
    /// one with the longest path counts.
    ///
    /// # Errors
    /// `InvalidInput`: not an `http` or `https` URL with a host.
    pub fn with(mut self, platform: Platform, base: &str) -> Result<Self> {
        let url = Some(base).filter(|base| base.len() <= MAX_BASE);
        let url = url.and_then(|base| Url::parse(base).ok());
        let url = url.filter(|url| url.scheme().starts_with("http") && url.has_host());
        let url = url.ok_or_else(|| {
            Error::invalid("not the address of an installation")
                .with_context("address", base.chars().take(120).collect::<String>())
                .with_hint("write its URL, such as https://git.example/gitlab")
        })?;
        self.added.push(Host {
            name: url.host_str().unwrap_or_default().to_owned(),
            port: url.port(),
            prefix: segments(&url).map(str::to_owned).collect(),
            platform,
        });
        self.added
            .sort_by_key(|host| std::cmp::Reverse(host.prefix.len()));
        Ok(self)
    }

    /// Who answers at `url`, if that is known.
    pub(super) fn find(&self, url: &Url) -> Option<Found> {
        let name = url.host_str()?;
        let has_pages = url.scheme().starts_with("http");
        let fits = |host: &&Host| {
            let mut path = segments(url);
            host.name == name
                && (!has_pages
                    || host.port == url.port()
                        && host.prefix.iter().all(|s| path.next() == Some(s.as_str())))
        };
        if let Some(host) = self.added.iter().find(fits) {
            let prefix = if has_pages { host.prefix.len() } else { 0 };
            let platform = host.platform;
            return Some(Found { platform, prefix });
        }
        let known = name.strip_prefix("www.").unwrap_or(name);
        let is_azure = is_visual_studio(name).then_some(Platform::AzureDevops);
        let platform = WELL_KNOWN.iter().find(|(host, _)| *host == known);
        let platform = platform.map(|(_, platform)| *platform).or(is_azure)?;
        let prefix = 0;
        (!has_pages || url.port().is_none()).then_some(Found { platform, prefix })
    }
}

/// The older hosts of Azure DevOps: one for each organization.
pub(super) fn is_visual_studio(host: &str) -> bool {
    host.ends_with(".visualstudio.com")
}

fn segments(url: &Url) -> impl Iterator<Item = &str> {
    url.path().split('/').filter(|s| !s.is_empty())
}
