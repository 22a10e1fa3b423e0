use std::process::ExitCode;

use clap::Args;
use gitpod_core::{Error, Result};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::options::ConfigOptions;
use super::say;
use crate::server::Server;

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigOptions,
    /// Log lines as JSON
    #[arg(long)]
    log_json: bool,
}

pub(super) async fn run(options: Options) -> Result<ExitCode> {
    let config = options.config.load()?;
    start_logging(options.log_json)?;
    let stopping = |kind| {
        signal(kind).map_err(|e| Error::unexpected("cannot listen for signals").with_source(e))
    };
    let (mut terminate, mut interrupt) = (
        stopping(SignalKind::terminate())?,
        stopping(SignalKind::interrupt())?,
    );
    let server = Server::start(config).await?;
    // Whoever started this may have closed its output; the server goes on.
    let _ = greet(&server).await;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping; running workspaces go on");
    server.stop().await?;
    Ok(ExitCode::SUCCESS)
}

async fn greet(server: &Server) -> Result<()> {
    say(format_args!(
        "gitpod-server listens on {} as {}",
        server.address, server.public_url
    ))?;
    if server.first_run.is_new {
        say(format_args!(
            "admin token: {}",
            server.first_run.token_file.display()
        ))?;
    }
    say("sign in (once, within a day):")?;
    say(format_args!("  {}", server.sign_in_link("/").await?))
}

fn start_logging(json: bool) -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if json {
        subscriber.json().try_init()
    } else {
        subscriber.try_init()
    };
    started.map_err(|e| Error::unexpected(format!("cannot start logging: {e}")))
}
