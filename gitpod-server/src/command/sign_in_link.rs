use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use gitpod_core::{Error, Result, SystemClock};

use super::options::ConfigOptions;
use super::say;
use crate::assemble;
use crate::auth;

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigOptions,
    /// Page to show after the sign-in
    #[arg(long, default_value = "/", value_name = "PATH")]
    next: String,
}

/// Works beside a running server: the link is a record in the database.
pub(super) async fn run(options: Options) -> Result<ExitCode> {
    let config = options.config.load()?;
    if !config.data_dir.is_dir() {
        return Err(Error::not_found("there is no such data directory")
            .with_context("path", config.data_dir.display())
            .with_hint("name the one of your server: `--data-dir`"));
    }
    let clock = SystemClock;
    let store = assemble::open_store(&config, Arc::new(clock)).await?;
    let first = auth::bootstrap(&store, &clock, &config.data_dir).await?;
    let public_url = config.public_url(config.listen)?;
    let link = auth::sign_in_link(
        &store,
        &clock,
        &public_url,
        first.administrator.id,
        &options.next,
    )
    .await?;
    store.close().await;
    say(link)?;
    Ok(ExitCode::SUCCESS)
}
