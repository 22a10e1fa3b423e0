use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Check `.gitpod.yml` files
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

#[derive(Debug, Subcommand)]
pub(super) enum Workspace {
    /// Create a workspace from a URL, start it and wait until it runs
    Create(Create),
    /// List your workspaces
    #[command(visible_alias = "ls")]
    List(List),
    /// Show a workspace
    Get(One),
    /// Start a stopped workspace and wait until it runs
    Start(Start),
    /// Stop a workspace and wait until it is stopped; its files stay
    Stop(Waiting),
    /// Delete a workspace and its files
    #[command(visible_alias = "rm")]
    Delete(Delete),
    /// Open a workspace in the browser
    Open(Open),
    /// Print what the workspace's tasks wrote, also once it is stopped
    Logs(Logs),
    /// Run a command in a workspace, with its input, output and exit code
    Exec(Exec),
    /// Set who may open a port and what it speaks, until the workspace stops; or show it
    Port(Port),
    /// Let every user of the server who knows its address enter a workspace
    Share(Share),
    /// Let nobody but you enter it any more; who came in is cut off
    Unshare(One),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace share ID                             # says what guests may do, and asks
  gitpod workspace share ID --yes                       # for scripts
  gitpod workspace unshare ID

Guests sign in to the server as themselves. Inside they are you: they read and change its files and see its variables.")]
pub(super) struct Share {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace port ID 3000                         # who may open it, and its address
  gitpod workspace port ID 3000 --public                # everybody who knows the address, without signing in
  gitpod workspace port ID 3000 --private               # you alone; everybody else is cut off at once
  gitpod workspace port ID 8443 --protocol https        # the program speaks HTTPS

It holds until the workspace stops; `ports` in .gitpod.yml hold for every start.")]
pub(super) struct Port {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// The port, 1 to 65535
    #[arg(value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) number: u16,
    /// Everybody who knows its address may open it
    #[arg(long, conflicts_with = "private")]
    pub(super) public: bool,
    /// Only you may open it
    #[arg(long)]
    pub(super) private: bool,
    /// What the program on it speaks
    #[arg(long, value_name = "PROTOCOL")]
    pub(super) protocol: Option<Protocol>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Protocol {
    /// Plain HTTP
    Http,
    /// HTTPS, with whatever certificate
    Https,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace create https://github.com/o/r/tree/feature
  gitpod workspace create file:///srv/git/app.git#dev --editor terminal --class g1-large
  gitpod workspace create 'COLOR=blue/https://github.com/o/r'   # with a variable
  id=$(gitpod workspace create URL --no-wait --output json | jq -r .id)

The repository's .gitpod.yml configures it, else its devcontainer.json, else what its other files tell (package.json, ...). The
command says which one it was, and what is not done as it asks.")]
pub(super) struct Create {
    /// Git URL, or page of a repository, branch, commit, pull request or issue
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// Editor: code, terminal, ...; else the server's default
    #[arg(long, value_name = "EDITOR")]
    pub(super) editor: Option<String>,
    /// Class: cpu, memory and disk; else the server's default
    #[arg(long, value_name = "CLASS")]
    pub(super) class: Option<String>,
    /// Name for the workspace
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Leave out the repository's own configuration, which may be broken or ask for what the server lacks
    #[arg(long)]
    pub(super) default_config: bool,
    #[command(flatten)]
    pub(super) wait: Wait,
}

/// How long to wait for what was asked.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Wait {
    /// Return as soon as the server has recorded the wish
    #[arg(long)]
    pub(super) no_wait: bool,
    /// Wait no longer than this many seconds (then exit with 124; the workspace goes on)
    #[arg(long, default_value = "600", value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err(String::from("give a whole number of seconds, 1 or more")),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace list
  gitpod workspace list --search api
  gitpod workspace list --output json | jq -r '.workspaces[] | select(.status.phase.name == \"PHASE_RUNNING\").id'")]
pub(super) struct List {
    /// Only those whose name, id or URL contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) search: String,
    /// Only pinned ones
    #[arg(long)]
    pub(super) pinned: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace get amber-falcon-k3v9x2ab
  gitpod workspace get ID --output json | jq -r .status.phase.name

Ids are those of `gitpod workspace list`.")]
pub(super) struct One {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace stop ID --no-wait
  gitpod workspace stop ID && gitpod workspace start ID

Exit codes: 0 done, 124 the time limit passed (the workspace goes on).")]
pub(super) struct Waiting {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) wait: Wait,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace start ID                             # shows the steps, then prints the address
  gitpod workspace start ID --editor terminal           # when the other one does not answer
  gitpod workspace start ID --class g1-large            # when it was killed for memory

Exit codes: 0 done, 5 it failed, 124 the time limit passed (the workspace goes on).")]
pub(super) struct Start {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// From now on with this editor: code, terminal, ...; else as before
    #[arg(long, value_name = "EDITOR")]
    pub(super) editor: Option<String>,
    /// From now on in this class: cpu, memory and disk; else as before
    #[arg(long, value_name = "CLASS")]
    pub(super) class: Option<String>,
    #[command(flatten)]
    pub(super) wait: Wait,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace delete ID                            # tells what would be lost, and asks
  gitpod workspace delete ID --yes                      # for scripts")]
pub(super) struct Delete {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace open ID                              # in the browser that is signed in
  gitpod workspace open ID --print")]
pub(super) struct Open {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Print the address and start no browser
    #[arg(long)]
    pub(super) print: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace logs ID                              # all tasks, each line marked with its task
  gitpod workspace logs ID --task Tests > tests.log

With --follow it ends when the tasks' terminals close, the workspace stops, or with Ctrl-C (exit code 130).")]
pub(super) struct Logs {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Only this task, by name or id
    #[arg(long, value_name = "TASK")]
    pub(super) task: Option<String>,
    /// Go on with what they write, until they or the workspace end
    #[arg(long, short)]
    pub(super) follow: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace exec ID -- ls -la
  tar c . | gitpod workspace exec ID --cwd /workspace -- tar x
  gitpod workspace exec ID -- bash                      # a terminal, when yours is one

Exit code: that of the command; 128 + N when signal N ended it; 127 when there is no such command.")]
pub(super) struct Exec {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// Directory to run it in; else the repository
    #[arg(long, value_name = "DIR", default_value = "")]
    pub(super) cwd: String,
    /// Variable for it; may be repeated
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) env: Vec<(String, String)>,
    /// Never use a terminal
    #[arg(long)]
    pub(super) no_pty: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(super) command: Vec<String>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(String::from("give NAME=VALUE")),
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Read a `.gitpod.yml` or a `devcontainer.json`, print it as normalised JSON; exit code 0 accepted, 1 rejected
    Parse(ConfigParse),
    /// Print the `.gitpod.yml` that a directory's files tell, with reasons; workspaces without a configuration have it
    Infer(ConfigInfer),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod config infer
  gitpod config infer ~/src/app > ~/src/app/.gitpod.yml # a start to change")]
pub(super) struct ConfigInfer {
    /// The repository's directory
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) directory: PathBuf,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
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
pub(super) struct ConfigParse {
    /// The file; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// What it is; else a devcontainer's if its name ends in `.json`
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<Kind>,
    /// Reject what the schema does not know, rather than warn
    #[arg(long)]
    pub(super) strict: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Env {
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
pub(super) struct EnvSet {
    /// Name and value; with a name alone the value is read from standard input
    #[arg(value_name = "NAME[=VALUE]")]
    pub(super) variable: String,
    /// For which repositories: `owner/name`, with `*` for one part and a last `**` for all that follow
    #[arg(long, value_name = "PATTERN", default_value = "*/**")]
    pub(super) repository: String,
}

#[derive(Debug, Args)]
pub(super) struct EnvList {
    /// Show their values, too
    #[arg(long)]
    pub(super) values: bool,
}

#[derive(Debug, Args)]
pub(super) struct EnvUnset {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// Only the one for these repositories; else all of the name
    #[arg(long, value_name = "PATTERN")]
    pub(super) repository: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Context {
    /// Say what a URL means, as JSON; asks nobody
    Parse(ContextParse),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod context parse https://github.com/o/r/tree/feature/x
  gitpod context parse 'A=1/https://gitlab.com/g/p/-/merge_requests/7'

Exit codes: 0 understood, 1 not supported, 2 not a URL that means a repository.")]
pub(super) struct ContextParse {
    /// The URL, as one would paste it
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// An installation of github, gitlab, bitbucket-server, azure-devops or gitea to know about, such as
    /// `gitlab=https://git.example/gitlab`
    #[arg(long, value_name = "PLATFORM=URL")]
    pub(super) platform: Vec<String>,
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
