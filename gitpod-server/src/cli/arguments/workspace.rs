//! `gitpod workspace …`

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Workspace {
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
pub(in crate::cli) struct Share {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// Do not ask
    #[arg(long, short)]
    pub(in crate::cli) yes: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace port ID 3000                         # who may open it, and its address
  gitpod workspace port ID 3000 --public                # everybody who knows the address, without signing in
  gitpod workspace port ID 3000 --private               # you alone; everybody else is cut off at once
  gitpod workspace port ID 8443 --protocol https        # the program speaks HTTPS

It holds until the workspace stops; `ports` in .gitpod.yml hold for every start.")]
pub(in crate::cli) struct Port {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// The port, 1 to 65535
    #[arg(value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) number: u16,
    /// Everybody who knows its address may open it
    #[arg(long, conflicts_with = "private")]
    pub(in crate::cli) public: bool,
    /// Only you may open it
    #[arg(long)]
    pub(in crate::cli) private: bool,
    /// What the program on it speaks
    #[arg(long, value_name = "PROTOCOL")]
    pub(in crate::cli) protocol: Option<Protocol>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Protocol {
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
pub(in crate::cli) struct Create {
    /// Git URL, or page of a repository, branch, commit, pull request or issue
    #[arg(value_name = "URL")]
    pub(in crate::cli) url: String,
    /// Editor: code, terminal, ...; else the server's default
    #[arg(long, value_name = "EDITOR")]
    pub(in crate::cli) editor: Option<String>,
    /// Class: cpu, memory and disk; else the server's default
    #[arg(long, value_name = "CLASS")]
    pub(in crate::cli) class: Option<String>,
    /// Name for the workspace
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// Leave out the repository's own configuration, which may be broken or ask for what the server lacks
    #[arg(long)]
    pub(in crate::cli) default_config: bool,
    #[command(flatten)]
    pub(in crate::cli) wait: Wait,
}

/// How long to wait for what was asked.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Wait {
    /// Return as soon as the server has recorded the wish
    #[arg(long)]
    pub(in crate::cli) no_wait: bool,
    /// Wait no longer than this many seconds (then exit with 124; the workspace goes on)
    #[arg(long, default_value = "600", value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) timeout: Duration,
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
pub(in crate::cli) struct List {
    /// Only those whose name, id or URL contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) search: String,
    /// Only pinned ones
    #[arg(long)]
    pub(in crate::cli) pinned: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace get amber-falcon-k3v9x2ab
  gitpod workspace get ID --output json | jq -r .status.phase.name

Ids are those of `gitpod workspace list`.")]
pub(in crate::cli) struct One {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace stop ID --no-wait
  gitpod workspace stop ID && gitpod workspace start ID

Exit codes: 0 done, 124 the time limit passed (the workspace goes on).")]
pub(in crate::cli) struct Waiting {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    #[command(flatten)]
    pub(in crate::cli) wait: Wait,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace start ID                             # shows the steps, then prints the address
  gitpod workspace start ID --editor terminal           # when the other one does not answer
  gitpod workspace start ID --class g1-large            # when it was killed for memory

Exit codes: 0 done, 5 it failed, 124 the time limit passed (the workspace goes on).")]
pub(in crate::cli) struct Start {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// From now on with this editor: code, terminal, ...; else as before
    #[arg(long, value_name = "EDITOR")]
    pub(in crate::cli) editor: Option<String>,
    /// From now on in this class: cpu, memory and disk; else as before
    #[arg(long, value_name = "CLASS")]
    pub(in crate::cli) class: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) wait: Wait,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace delete ID                            # tells what would be lost, and asks
  gitpod workspace delete ID --yes                      # for scripts")]
pub(in crate::cli) struct Delete {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// Do not ask
    #[arg(long, short)]
    pub(in crate::cli) yes: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace open ID                              # in the browser that is signed in
  gitpod workspace open ID --print")]
pub(in crate::cli) struct Open {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// Print the address and start no browser
    #[arg(long)]
    pub(in crate::cli) print: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace logs ID                              # all tasks, each line marked with its task
  gitpod workspace logs ID --task Tests > tests.log

With --follow it ends when the tasks' terminals close, the workspace stops, or with Ctrl-C (exit code 130).")]
pub(in crate::cli) struct Logs {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// Only this task, by name or id
    #[arg(long, value_name = "TASK")]
    pub(in crate::cli) task: Option<String>,
    /// Go on with what they write, until they or the workspace end
    #[arg(long, short)]
    pub(in crate::cli) follow: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gitpod workspace exec ID -- ls -la
  tar c . | gitpod workspace exec ID --cwd /workspace -- tar x
  gitpod workspace exec ID -- bash                      # a terminal, when yours is one

Exit code: that of the command; 128 + N when signal N ended it; 127 when there is no such command.")]
pub(in crate::cli) struct Exec {
    /// Id of the workspace
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// Directory to run it in; else the repository
    #[arg(long, value_name = "DIR", default_value = "")]
    pub(in crate::cli) cwd: String,
    /// Variable for it; may be repeated
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = variable)]
    pub(in crate::cli) env: Vec<(String, String)>,
    /// Never use a terminal
    #[arg(long)]
    pub(in crate::cli) no_pty: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(in crate::cli) command: Vec<String>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(String::from("give NAME=VALUE")),
    }
}
