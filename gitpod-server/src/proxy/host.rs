//! What a `Host` header names. Pure; hostile input is the normal case here.

use std::net::{IpAddr, Ipv6Addr};

use gitpod_core::{Error, InstanceId, Result, WorkspaceId};
use http::{HeaderMap, Method};
use url::{Host, Url};

use super::origin::{Access, is_trusted};

/// What a request is for, by its host alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The platform itself: dashboard and API.
    Platform,
    /// The editor and the supervisor of a workspace.
    Workspace(WorkspaceId),
    /// A port that a workspace serves.
    Port {
        /// The port; never 0.
        port: u16,
        /// Of this workspace.
        workspace: WorkspaceId,
    },
    /// Nothing of ours.
    Unknown,
}

impl Target {
    /// The workspace, if it is for one.
    pub fn workspace(&self) -> Option<&WorkspaceId> {
        match self {
            Self::Workspace(workspace) | Self::Port { workspace, .. } => Some(workspace),
            Self::Platform | Self::Unknown => None,
        }
    }
}

/// The names this installation answers to, and the addresses it hands out.
///
/// All follow from the one public address: the platform at `http://localhost:8080`, workspaces at
/// `http://<id>.ws.localhost:8080`, ports at `http://<port>-<id>.ws.localhost:8080`.
#[derive(Debug, Clone)]
pub struct Hosts {
    scheme: &'static str,
    name: String,
    port: Option<u16>,
    suffix: String,
    cookie_prefix: String,
}

impl Hosts {
    /// The names that follow from the installation's public address.
    ///
    /// # Errors
    /// [`ConfigInvalid`](gitpod_core::ErrorKind::ConfigInvalid) when the address is not `http` or `https` with a host *name*:
    /// an IP address has no names below it, so workspaces could not have origins of their own.
    pub fn new(public_url: &Url) -> Result<Self> {
        let scheme = match public_url.scheme() {
            "http" => "http",
            "https" => "https",
            other => {
                return Err(invalid("the public address is not http or https")
                    .with_context("scheme", other));
            }
        };
        let name = match public_url.host() {
            Some(Host::Domain(name)) if !name.ends_with('.') => name.to_ascii_lowercase(),
            _ => {
                return Err(
                    invalid("the public address has no host name").with_context("url", public_url)
                );
            }
        };
        let mut hosts = Self {
            scheme,
            suffix: format!(".ws.{name}"),
            name,
            port: public_url.port(),
            cookie_prefix: String::new(),
        };
        let domain = hosts.authority().replace(['.', '-', ':', ' '], "_");
        hosts.cookie_prefix = format!("_{domain}_");
        Ok(hosts)
    }

    /// Reads a `Host` header.
    ///
    /// # Behavior
    /// The port in the header is checked and ignored: a tunnel may change it. An IP address is the platform, since a name that
    /// somebody else points at this machine (DNS rebinding) never shows up as one; any other name is [`Target::Unknown`].
    pub fn parse(&self, host: &str) -> Target {
        let Some(name) = without_port(host) else {
            return Target::Unknown;
        };
        let name = name.to_ascii_lowercase();
        if let Some(label) = name.strip_suffix(&self.suffix) {
            return parse_label(label).unwrap_or(Target::Unknown);
        }
        let is_address = name.starts_with('[') || name.parse::<IpAddr>().is_ok();
        if is_address || name == self.name || name == "localhost" {
            Target::Platform
        } else {
            Target::Unknown
        }
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// Whether browsers speak TLS to us (perhaps ended by somebody in front).
    pub fn is_secure(&self) -> bool {
        self.scheme == "https"
    }

    /// The port browsers use.
    pub fn port(&self) -> u16 {
        let default = if self.is_secure() { 443 } else { 80 };
        self.port.unwrap_or(default)
    }

    /// Host name and port of the platform, as in a `Host` header.
    pub fn authority(&self) -> String {
        self.with_port(&self.name)
    }

    /// The platform's origin, without a trailing slash.
    pub fn platform_url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority())
    }

    /// Origin of a workspace's editor.
    pub fn workspace_url(&self, workspace: &WorkspaceId) -> String {
        format!(
            "{}://{}",
            self.scheme,
            self.with_port(&format!("{workspace}{}", self.suffix))
        )
    }

    /// Origin of a port of a workspace.
    pub fn port_url(&self, workspace: &WorkspaceId, port: u16) -> String {
        format!(
            "{}://{}",
            self.scheme,
            self.with_port(&format!("{port}-{workspace}{}", self.suffix))
        )
    }

    /// Host name of a target, without a port.
    pub(crate) fn name_of(&self, target: &Target) -> String {
        match target {
            Target::Workspace(workspace) => format!("{workspace}{}", self.suffix),
            Target::Port { port, workspace } => format!("{port}-{workspace}{}", self.suffix),
            Target::Platform | Target::Unknown => self.name.clone(),
        }
    }

    /// Whether a page of the platform itself made this request: for forms that a foreign page must not send.
    pub(crate) fn is_own_page(&self, headers: &HeaderMap) -> bool {
        is_trusted(
            self,
            &Target::Platform,
            &Method::POST,
            headers,
            Access::Request,
        )
    }

    /// All workspace hosts, as a content security policy names them.
    pub(crate) fn workspaces_pattern(&self) -> String {
        format!(
            "{}://{}",
            self.scheme,
            self.with_port(&format!("*{}", self.suffix))
        )
    }

    /// Prefix of every cookie of this installation, on all its hosts: `_<domain>_`.
    pub fn cookie_prefix(&self) -> &str {
        &self.cookie_prefix
    }

    /// Name of the cookie that holds an instance's owner token: `_<domain>_ws_<instance>_owner_`.
    pub fn owner_cookie(&self, instance: InstanceId) -> String {
        format!("{}ws_{instance}_owner_", self.cookie_prefix)
    }

    fn with_port(&self, name: &str) -> String {
        match self.port {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        }
    }
}

fn invalid(message: &'static str) -> Error {
    Error::new(gitpod_core::ErrorKind::ConfigInvalid, message).with_hint(
        "use an address with a name, such as http://localhost:8080 or https://gitpod.example.com",
    )
}

fn without_port(host: &str) -> Option<&str> {
    if let Some(rest) = host.strip_prefix('[') {
        let (address, tail) = rest.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        let valid = tail.is_empty()
            || tail
                .strip_prefix(':')
                .is_some_and(|p| parse_port(p).is_some());
        return valid.then(|| &host[..address.len() + 2]);
    }
    match host.split_once(':') {
        None => Some(host),
        Some((name, port)) => parse_port(port).map(|_| name),
    }
}

/// A port in its one canonical spelling, so that one port has one origin.
fn parse_port(text: &str) -> Option<u16> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    canonical.then(|| text.parse().ok()).flatten()
}

fn parse_label(label: &str) -> Option<Target> {
    if let Ok(id) = WorkspaceId::parse(label) {
        return Some(Target::Workspace(id));
    }
    let (port, workspace) = label.split_once('-')?;
    Some(Target::Port {
        port: parse_port(port)?,
        workspace: WorkspaceId::parse(workspace).ok()?,
    })
}

#[cfg(test)]
mod tests;
