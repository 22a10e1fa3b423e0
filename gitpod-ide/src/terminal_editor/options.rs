use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use gitpod_core::{Error, Result};

/// What `terminal-editor` is told on its command line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The directory with the page.
    pub assets: PathBuf,
    /// Where the supervisor answers.
    pub supervisor: SocketAddr,
}

/// The supervisor's port, the same in every workspace.
const SUPERVISOR_PORT: u16 = 22999;

impl Options {
    /// A page from `assets` on `port` of the loopback interface.
    pub fn new(port: u16, assets: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            assets: assets.into(),
            supervisor: SocketAddr::from((Ipv4Addr::LOCALHOST, SUPERVISOR_PORT)),
        }
    }

    /// Reads `--port PORT --assets DIR [--supervisor ADDRESS]`.
    ///
    /// # Errors
    /// `InvalidInput`: an unknown, missing or malformed argument.
    pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self> {
        let usage = |message: &str| {
            Error::invalid(message).with_hint(
                "usage: supervisor terminal-editor --port PORT --assets DIR [--supervisor ADDRESS]",
            )
        };
        let (mut port, mut assets, mut supervisor) = (None, None, None);
        let mut args = args.into_iter();
        while let Some(name) = args.next() {
            let value = args
                .next()
                .ok_or_else(|| usage("an argument has no value"))?;
            let text = value.to_str();
            match name.to_str() {
                Some("--port") => port = text.and_then(|text| text.parse().ok()),
                Some("--assets") => assets = Some(PathBuf::from(value)),
                Some("--supervisor") => supervisor = Some(text.and_then(|text| text.parse().ok())),
                _ => {
                    return Err(
                        usage("an argument is not known").with_context("argument", name.display())
                    );
                }
            }
        }
        let port = port.ok_or_else(|| usage("the port is missing or malformed"))?;
        let assets = assets.ok_or_else(|| usage("the directory with the page is missing"))?;
        let mut options = Self::new(port, assets);
        if let Some(address) = supervisor {
            options.supervisor =
                address.ok_or_else(|| usage("the supervisor's address is malformed"))?;
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_typed() {
        let parse = |line: &str| Options::parse(line.split(' ').map(OsString::from));
        let options = parse("--assets /ide/page --port 23000").unwrap();
        assert_eq!(options, Options::new(23000, "/ide/page"));
        let options = parse("--port 1 --assets a --supervisor 127.0.0.1:5").unwrap();
        assert_eq!(options.supervisor.port(), 5);
        for bad in [
            "",
            "--port",
            "--port x --assets a",
            "--port 1",
            "--port 1 --assets a --verbose 1",
            "--port 70000 --assets a",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
