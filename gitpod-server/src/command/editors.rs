use std::process::ExitCode;

use clap::Subcommand;
use gitpod_core::Result;
use gitpod_ide::{IdeCatalog as _, Progress};

use super::options::ConfigOptions;
use super::say;
use crate::assemble;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the editors, the preferred one first
    List {
        #[command(flatten)]
        config: ConfigOptions,
    },
    /// Fetch an editor's package now instead of when it is first wanted
    Install {
        /// Such as `code` or `terminal`
        id: String,
        #[command(flatten)]
        config: ConfigOptions,
    },
}

/// Shows progress as lines.
#[derive(Debug)]
struct Lines;

impl Progress for Lines {
    fn step(&self, line: &str) {
        // Progress that cannot be shown is no reason to stop.
        let _ = say(line);
    }
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List { config } => {
            for ide in assemble::catalog(&config.load()?)?.list().await? {
                let state = match (&ide.unavailable, ide.installed) {
                    (Some(reason), _) => reason.as_str(),
                    (None, true) => "installed",
                    (None, false) => "not installed yet",
                };
                say(format_args!(
                    "{:<10} {:<28} {:<10} {state}",
                    ide.id, ide.label, ide.version
                ))?;
            }
        }
        Command::Install { id, config } => {
            let path = assemble::catalog(&config.load()?)?
                .install(&id, &Lines)
                .await?;
            say(format_args!("{id} is installed: {}", path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
