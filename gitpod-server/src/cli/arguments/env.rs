//! `gitpod env …`

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Env {
    /// Keep a variable, or change the one of this name and these repositories
    Set(EnvSet),
    /// List your variables
    #[command(visible_alias = "ls")]
    List(EnvList),
    /// Forget a variable
    #[command(visible_alias = "rm")]
    Unset(EnvUnset),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod env set COLOR=blue                             # in all your workspaces
  gitpod env set --repository 'acme/*' STAGE=dev        # in those of acme's repositories
  gitpod env set NPM_TOKEN < token                      # a secret, unseen by your shell's history

Workspaces have it from their next start on. Of several of one name the one with the closest repositories counts; it goes before
the repository's own configuration, and a variable in the address before it.")]
pub(in crate::cli) struct EnvSet {
    /// Name and value; with a name alone the value is read from standard input
    #[arg(value_name = "NAME[=VALUE]")]
    pub(in crate::cli) variable: String,
    /// For which repositories: `owner/name`, with `*` for one part and a last `**` for all that follow
    #[arg(long, value_name = "PATTERN", default_value = "*/**")]
    pub(in crate::cli) repository: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvList {
    /// Show their values, too
    #[arg(long)]
    pub(in crate::cli) values: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EnvUnset {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// Only the one for these repositories; else all of the name
    #[arg(long, value_name = "PATTERN")]
    pub(in crate::cli) repository: Option<String>,
}
