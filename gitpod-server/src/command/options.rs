use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use gitpod_core::{Error, Result};
use url::Url;

use crate::config::Config;

/// Options that override the configuration file.
#[derive(Debug, Args)]
pub(super) struct ConfigOptions {
    /// Configuration file (TOML)
    #[arg(long, env = "GITPOD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where everything is kept; on a local disk
    #[arg(long, env = "GITPOD_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where to listen; port 0 chooses a free one
    #[arg(long, env = "GITPOD_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Name (and port) by which browsers reach the server, such as `gitpod.example.com`; workspaces are below `ws.` of it
    #[arg(long, env = "GITPOD_HOST_NAME", value_name = "NAME[:PORT]")]
    host: Option<String>,
}

impl ConfigOptions {
    /// The file's configuration with these options over it, checked.
    pub(super) fn load(self) -> Result<Config> {
        let mut config = match &self.config {
            Some(path) => Config::load(path)?,
            None => Config::default(),
        };
        if let Some(dir) = self.data_dir {
            config.data_dir = std::path::absolute(&dir).map_err(|e| {
                Error::invalid("cannot make the data directory's path absolute")
                    .with_context("path", dir.display())
                    .with_source(e)
            })?;
        }
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if let Some(host) = self.host {
            config.public_url = Some(public_url(&host)?);
        }
        config.validate()?;
        Ok(config)
    }
}

/// `NAME[:PORT]` as an address; a scheme may be given.
pub(super) fn public_url(host: &str) -> Result<Url> {
    let text = if host.contains("://") {
        host.to_owned()
    } else {
        format!("http://{host}")
    };
    Url::parse(&text).map_err(|e| {
        Error::invalid("not a host name")
            .with_context("host", host)
            .with_hint("give a name and perhaps a port: `localhost:8080`, `gitpod.example.com`")
            .with_source(e)
    })
}
