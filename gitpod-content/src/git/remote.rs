use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use gitpod_core::instance::Network;
use gitpod_core::mount::Mount;
use gitpod_core::{Error, ErrorKind, Result};
use url::{Host, Url};

use super::addresses::is_public;
use super::local_repository::LocalRepository;

const MAX_URL: usize = 2048;
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// How git speaks to a remote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Https,
    Http,
    Ssh,
    Git,
    File,
}

impl Protocol {
    /// As git's `GIT_ALLOW_PROTOCOL` names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Git => "git",
            Self::File => "file",
        }
    }

    fn of(url: &Url) -> Result<Self> {
        match url.scheme() {
            "https" => Ok(Self::Https),
            "http" => Ok(Self::Http),
            "ssh" => Ok(Self::Ssh),
            "git" => Ok(Self::Git),
            "file" => Ok(Self::File),
            other => Err(Error::invalid("this protocol is not for repositories")
                .with_context("protocol", other.chars().take(32).collect::<String>())
                .with_hint("use an https:// or ssh:// URL")),
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
            Self::Ssh => 22,
            Self::Git => 9418,
            Self::File => 0,
        }
    }
}

/// A remote that was checked: git may be sent there.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    pub(super) url: Url,
    pub(super) protocol: Protocol,
    pub(super) host: String,
    pub(super) port: u16,
    /// The addresses that were checked; git is kept to them. Empty when every address is allowed.
    pub(super) pins: Vec<IpAddr>,
    /// The files of a `file://` remote.
    pub(super) local: Option<LocalRepository>,
}

impl Remote {
    /// Checks `url`: protocol, shape, and unless `allow_local` that each of its addresses is one of the public Internet.
    pub(super) async fn admit(url: &Url, allow_local: bool) -> Result<Self> {
        let protocol = Protocol::of(url)?;
        check_shape(url, protocol)?;
        let mut remote = Self {
            url: url.clone(),
            protocol,
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port().unwrap_or_else(|| protocol.default_port()),
            pins: Vec::new(),
            local: None,
        };
        if protocol == Protocol::File {
            if !allow_local {
                return Err(forbidden(url));
            }
            remote.local = Some(LocalRepository::find(url).await?);
        } else if !allow_local {
            remote.pins = remote.public_addresses().await?;
        }
        Ok(remote)
    }

    /// The mounts a job needs to reach it.
    pub(super) fn mounts(&self) -> Vec<Mount> {
        let bind = |path: &PathBuf| Mount::Bind {
            source: path.clone(),
            target: path.clone(),
            read_only: true,
        };
        self.local
            .iter()
            .flat_map(|local| local.directories.iter().map(bind))
            .collect()
    }

    /// The network a job needs to reach it.
    pub(super) fn network(&self) -> Network {
        match self.protocol {
            Protocol::File => Network::None,
            Protocol::Https | Protocol::Http | Protocol::Ssh | Protocol::Git => Network::Host,
        }
    }

    async fn public_addresses(&self) -> Result<Vec<IpAddr>> {
        let addresses = match self.url.host() {
            Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
            Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
            // Only http(s) URLs have typed addresses; the resolver knows numbers, too.
            _ => self.look_up().await?,
        };
        if addresses.iter().all(|&address| is_public(address)) {
            Ok(addresses)
        } else {
            Err(forbidden(&self.url))
        }
    }

    async fn look_up(&self) -> Result<Vec<IpAddr>> {
        let host = self.host.trim_matches(['[', ']']);
        let lookup = tokio::net::lookup_host((host, self.port));
        let found = tokio::time::timeout(LOOKUP_TIMEOUT, lookup)
            .await
            .map_err(|_| self.unknown_host())?
            .map_err(|source| self.unknown_host().with_source(source))?;
        let addresses: Vec<IpAddr> = found.map(|address: SocketAddr| address.ip()).collect();
        if addresses.is_empty() {
            return Err(self.unknown_host());
        }
        Ok(addresses)
    }

    fn unknown_host(&self) -> Error {
        Error::new(ErrorKind::Unavailable, "cannot find the repository's host")
            .with_context("host", &self.host)
            .with_hint("check the spelling of the URL, and that this machine can resolve names")
    }
}

fn forbidden(url: &Url) -> Error {
    Error::new(
        ErrorKind::PermissionDenied,
        "repositories of this machine and of private networks are for administrators",
    )
    .with_context("remote", url)
    .with_hint("use a repository on a public host, or ask an administrator")
}

fn check_shape(url: &Url, protocol: Protocol) -> Result<()> {
    let malformed = |why: &str| {
        Err(Error::invalid(format!("not a usable repository URL: {why}")).with_hint(
            "give the URL that `git clone` would take, such as https://example.com/owner/repository.git",
        ))
    };
    if url.as_str().len() > MAX_URL {
        return malformed("it is too long");
    }
    if url.password().is_some() || (protocol != Protocol::Ssh && !url.username().is_empty()) {
        return malformed("it carries credentials");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return malformed("it has a query or a fragment");
    }
    let plain = |text: &str, also: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
            && !text.starts_with('-')
    };
    if !plain(url.username(), "._-") {
        return malformed("its user name has unusual characters");
    }
    let host = url.host_str().unwrap_or_default();
    match protocol {
        Protocol::File if !host.is_empty() => return malformed("a file URL has no host"),
        Protocol::File => {}
        _ if host.is_empty() => return malformed("it has no host"),
        // Where the host is not a typed one (ssh, git), it is as it was written.
        _ if !plain(host, "._-[]:") => return malformed("its host has unusual characters"),
        _ => {}
    }
    let path = url.path();
    if path.len() < 2 {
        return malformed("it names a host, not a repository");
    }
    if path.starts_with("/-")
        || path
            .chars()
            .any(|c| c.is_control() || c == '\\' || c == '"')
    {
        return malformed("its path has unusual characters");
    }
    if percent_decoded(path).is_ok_and(|decoded| decoded.iter().any(u8::is_ascii_control)) {
        return malformed("its path has control characters");
    }
    Ok(())
}

/// `%xx` resolved, as git does it.
fn percent_decoded(path: &str) -> std::result::Result<Vec<u8>, std::num::ParseIntError> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((plain, escaped)) = rest.split_once('%') {
        decoded.extend_from_slice(plain.as_bytes());
        let digits = escaped.get(..2).unwrap_or_default();
        decoded.push(u8::from_str_radix(digits, 16)?);
        rest = &escaped[2..];
    }
    decoded.extend_from_slice(rest.as_bytes());
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn admit(url: &str, allow_local: bool) -> std::result::Result<Remote, ErrorKind> {
        let url = Url::parse(url).unwrap();
        Remote::admit(&url, allow_local).await.map_err(|e| e.kind())
    }

    #[tokio::test]
    async fn protocols_and_shapes_are_limited() {
        for bad in [
            "ext::sh",
            "fd://3/x",
            "ftp://example.com/x",
            "https://user:secret@example.com/x",
            "https://token@example.com/x",
            "ssh://-oProxyCommand=id/x",
            "ssh://git@-oProxyCommand=id/x",
            "ssh://-l@example.com/x",
            "ssh://example.com/-x",
            "ssh://ex%20ample.com/x",
            "https://example.com",
            "https://example.com/",
            "https://example.com/x?a",
            "https://example.com/x#y",
            "https://example.com/a%0ab",
            "git://example.com/a%00b",
            "file://host/x",
        ] {
            assert_eq!(
                admit(bad, true).await.err(),
                Some(ErrorKind::InvalidInput),
                "{bad}"
            );
        }
        for good in [
            "https://127.0.0.1/x",
            "ssh://git@example.com/x.git",
            "git://[::1]/x",
            "ssh://git@example.com:22/~u/x",
        ] {
            assert!(admit(good, true).await.is_ok(), "{good}");
        }
    }

    #[tokio::test]
    async fn strangers_reach_public_addresses_only() {
        for private in [
            "http://127.0.0.1/x",
            "http://localhost/x",
            "http://0x7f000001/x",
            "http://2130706433/x",
            "http://127.1/x",
            "https://169.254.169.254/latest",
            "http://[::1]/x",
            "http://[::ffff:10.0.0.1]/x",
            "git://127.0.0.1/x",
            "git://2130706433/x",
            "ssh://git@[::1]/x",
            "file:///etc",
        ] {
            assert_eq!(
                admit(private, false).await.err(),
                Some(ErrorKind::PermissionDenied),
                "{private}"
            );
        }
        let remote = admit("https://1.1.1.1/x", false).await.unwrap();
        assert_eq!(remote.pins, ["1.1.1.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(
            admit("https://no-such-host.invalid/x", false).await.err(),
            Some(ErrorKind::Unavailable)
        );
    }
}
