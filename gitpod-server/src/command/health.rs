use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use gitpod_core::{Error, ErrorKind, Result};
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use super::options::public_url;
use super::say;

/// A healthy server answers sooner.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The server
    #[arg(
        long,
        env = "GITPOD_HOST",
        default_value = "http://localhost:8080",
        value_name = "URL"
    )]
    host: String,
}

pub(super) async fn run(options: Options) -> Result<ExitCode> {
    let mut url = public_url(&options.host)?;
    url.set_path("/healthz");
    let unwell = |what: &str| {
        Error::new(ErrorKind::Unavailable, what.to_owned())
            .with_context("server", &options.host)
            .with_hint("start one: `gitpod-server serve`")
    };
    let uri = url
        .as_str()
        .parse::<http::Uri>()
        .map_err(|e| Error::invalid("not an address").with_source(e))?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
    let answer = timeout(PATIENCE, client.get(uri))
        .await
        .map_err(|_| unwell("the server does not answer"))?;
    let status = answer
        .map_err(|e| unwell("no server answers").with_source(e))?
        .status();
    if !status.is_success() {
        return Err(unwell("the server is not well").with_context("status", status));
    }
    say("ok")?;
    Ok(ExitCode::SUCCESS)
}
