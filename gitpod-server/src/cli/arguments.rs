//! What can be said on the command line; each group of commands has its own room.

mod config;
mod context;
mod env;
mod workspace;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use config::{Config, ConfigParse, Kind};
pub(super) use context::Context;
pub(super) use env::{Env, EnvList, EnvSet, EnvUnset};
pub(super) use workspace::{
    Create, Delete, Exec, List, Logs, Open, Port, Protocol, Share, Start, Wait, Waiting, Workspace,
};

const EXAMPLES: &str = "\
Examples:
  gitpod login --host http://localhost:8080 --token-file DATA/admin-token
  gitpod login --host https://gitpod.example            # asks for the token
  gitpod workspace create https://github.com/o/r        # waits until it runs, prints its address
  gitpod workspace exec amber-falcon-k3v9x2ab -- make test
  gitpod workspace list --output json | jq -r '.workspaces[].id'
  gitpod workspace port amber-falcon-k3v9x2ab 3000 --public

Certificates of https servers are checked against the authorities of this machine; SSL_CERT_FILE names others.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not signed in or not allowed,
  5 workspace failed or cannot be reached, 124 time limit passed, 130 interrupted;
  `workspace exec` exits with the command's own code.";

/// Workspaces from git URLs, from the command line.
#[derive(Debug, Parser)]
#[command(name = "gitpod", version, after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// Server to talk to (http or https); else the one of the last login, else `http://localhost:8080`
    #[arg(long, global = true, env = "GITPOD_HOST", value_name = "URL")]
    pub(super) host: Option<String>,
    /// Token to sign in with; else the one of `gitpod login`
    #[arg(
        long,
        global = true,
        env = "GITPOD_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub(super) token: Option<String>,
    /// How to print: for people, or the API's message as JSON
    #[arg(
        long,
        short,
        global = true,
        default_value = "table",
        value_name = "FORMAT"
    )]
    pub(super) output: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    /// The API's message in proto3 JSON
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a token with the server and keep both for later commands
    Login(Login),
    /// Forget the token of the server
    Logout,
    /// Say who you are to the server
    Whoami,
    /// Create, list, enter, stop and delete workspaces
    #[command(subcommand, visible_alias = "ws")]
    Workspace(Workspace),
    /// Keep environment variables for your workspaces
    #[command(subcommand)]
    Env(Env),
    /// Check configurations, or infer one
    #[command(subcommand)]
    Config(Config),
    /// See what a URL means
    #[command(subcommand)]
    Context(Context),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod login --host https://gitpod.example            # asks for the token, unseen
  gitpod login --token-file /var/lib/gitpod/admin-token # as the administrator, on the server's machine
  echo $TOKEN | gitpod login --host https://gitpod.example

The token is kept in ~/.config/gitpod/credentials.json, for you alone; GITPOD_TOKEN goes before it.")]
pub(super) struct Login {
    /// File that holds the token, such as `admin-token` in the server's data directory
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub(super) token_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_follows_the_dashes_is_the_command() {
        let parsed = Arguments::try_parse_from([
            "gitpod",
            "workspace",
            "exec",
            "ID",
            "--env",
            "A=b=c",
            "--",
            "ls",
            "--env",
        ]);
        let Ok(Arguments {
            command: Command::Workspace(Workspace::Exec(exec)),
            ..
        }) = parsed
        else {
            panic!("{parsed:?}");
        };
        assert_eq!(exec.command, ["ls", "--env"]);
        assert_eq!(exec.env, [(String::from("A"), String::from("b=c"))]);
    }
}
