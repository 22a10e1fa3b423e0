use std::process::ExitCode;

use clap::Subcommand;
use gitpod_core::{Chain, Result};
use gitpod_ide::{IdeCatalog as _, PackagedCatalog, Progress};

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
    /// Compare every byte of the installed packages with what was installed; exit code 1 if one is damaged
    #[command(after_help = "Examples:
  gitpod-server editors verify                          # all that are installed
  gitpod-server editors verify code                     # fails when it is not installed

Exit codes: 0 sound, 1 damaged, or one that was named is not installed.")]
    Verify {
        /// Such as `code` or `terminal`; all that are installed if none is named
        ids: Vec<String>,
        #[command(flatten)]
        config: ConfigOptions,
    },
    /// Fetch an editor's package now instead of when it is first wanted; replace it if it is damaged
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
        Command::Verify { ids, config } => {
            return verify(&assemble::catalog(&config.load()?)?, ids).await;
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

/// A line for each editor, then what to do about those that are not sound.
async fn verify(catalog: &PackagedCatalog, mut ids: Vec<String>) -> Result<ExitCode> {
    if ids.is_empty() {
        let installed = catalog
            .list()
            .await?
            .into_iter()
            .filter(|ide| ide.installed);
        ids.extend(installed.map(|ide| ide.id));
    }
    if ids.is_empty() {
        say("no editor is installed")?;
    }
    let mut sound = true;
    for id in ids {
        match catalog.verify(&id).await {
            Ok(()) => say(format_args!("{id:<10} sound"))?,
            Err(error) => {
                sound = false;
                say(format_args!("{id:<10} {}", Chain(&error)))?;
                if let Some(hint) = error.hint() {
                    say(format_args!("{:<10} {hint}", ""))?;
                }
            }
        }
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
