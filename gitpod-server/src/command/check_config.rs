use std::process::ExitCode;

use clap::Args;
use gitpod_core::{Error, Result};

use super::options::ConfigOptions;
use super::say;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod-server check-config                            # every key with its default
  gitpod-server check-config --config gitpod.toml       # what counts with this file

Self-hosted git platforms, so that addresses of their pages are understood:
  [[hosts]]
  url = \"https://git.example/gitlab\"                    # with the path that its pages are below
  platform = \"gitlab\"                                   # github, gitlab, bitbucket-server, azure-devops, gitea")]
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
