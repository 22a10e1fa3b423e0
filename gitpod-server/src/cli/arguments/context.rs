//! `gitpod context …`

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Context {
    /// Say what a URL means, as JSON; asks nobody
    Parse(ContextParse),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod context parse https://github.com/o/r/tree/feature/x
  gitpod context parse 'A=1/https://gitlab.com/g/p/-/merge_requests/7'

Exit codes: 0 understood, 1 not supported, 2 not a URL that means a repository.")]
pub(in crate::cli) struct ContextParse {
    /// The URL, as one would paste it
    #[arg(value_name = "URL")]
    pub(in crate::cli) url: String,
    /// An installation of github, gitlab, bitbucket-server, azure-devops or gitea to know about, such as
    /// `gitlab=https://git.example/gitlab`
    #[arg(long, value_name = "PLATFORM=URL")]
    pub(in crate::cli) platform: Vec<String>,
}
