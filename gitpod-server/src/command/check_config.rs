use std::process::ExitCode;

use clap::Args;
use gitpod_core::{Error, Result};

use super::options::ConfigOptions;
use super::say;

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigOptions,
}

pub(super) fn run(options: Options) -> Result<ExitCode> {
    let config = options.config.load()?;
    let text = toml::to_string(&config)
        .map_err(|e| Error::unexpected("cannot write the configuration as TOML").with_source(e))?;
    say(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}
