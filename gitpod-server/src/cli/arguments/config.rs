//! `gitpod config …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Config {
    /// Read a `.gitpod.yml` or a `devcontainer.json`, print it as normalised JSON; exit code 0 accepted, 1 rejected
    Parse(ConfigParse),
    /// Print the `.gitpod.yml` that a directory's files tell, with reasons; workspaces without a configuration have it
    Infer(ConfigInfer),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod config infer
  gitpod config infer ~/src/app > ~/src/app/.gitpod.yml # a start to change")]
pub(in crate::cli) struct ConfigInfer {
    /// The repository's directory
    #[arg(value_name = "DIR", default_value = ".")]
    pub(in crate::cli) directory: PathBuf,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    /// A `.gitpod.yml`
    GitpodYml,
    /// A `devcontainer.json`
    Devcontainer,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod config parse .gitpod.yml
  gitpod config parse .gitpod.yml --strict              # for CI
  git show main:.gitpod.yml | gitpod config parse -
  git show main:.devcontainer.json | gitpod config parse --kind devcontainer -

Exit codes: 0 accepted (warnings are on standard error), 1 rejected, 3 there is no such file.")]
pub(in crate::cli) struct ConfigParse {
    /// The file; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// What it is; else a devcontainer's if its name ends in `.json`
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) kind: Option<Kind>,
    /// Reject what the schema does not know, rather than warn
    #[arg(long)]
    pub(in crate::cli) strict: bool,
}
