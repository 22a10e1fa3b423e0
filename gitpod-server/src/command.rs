//! The command line of `gitpod-server`.
//!
//! Exit codes: 0 done, 1 failed (the reason and what to do are on standard error), 2 wrong usage.

mod check_config;
mod doctor;
mod editors;
mod health;
mod options;
mod serve;
mod sign_in_link;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gitpod_core::{Chain, Error, Result};

/// The cloud development environment platform, on one machine.
///
/// Start it:            gitpod-server serve --data-dir /var/lib/gitpod --listen 127.0.0.1:8080
/// Then open the link that it prints, paste a git URL, and work.
#[derive(Debug, Parser)]
#[command(name = "gitpod-server", version, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server until it is told to stop (SIGTERM, Ctrl-C); running workspaces go on
    Serve(serve::Options),
    /// Say what this machine lacks and how to get it; exit code 1 if workspaces cannot run
    Doctor(doctor::Options),
    /// List editors, fetch their packages ahead of time, verify them
    #[command(subcommand)]
    Editors(editors::Command),
    /// Print a link that signs the administrator in, once
    SignInLink(sign_in_link::Options),
    /// Ask a running server whether it is well
    Health(health::Options),
    /// Print the effective configuration
    CheckConfig(check_config::Options),
}

/// Runs the command that the process' arguments name.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => {
            return report(&Error::unexpected("cannot start the async runtime").with_source(e));
        }
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) => report(&error),
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(options) => serve::run(options).await,
        Command::Doctor(options) => doctor::run(options),
        Command::Editors(command) => editors::run(command).await,
        Command::SignInLink(options) => sign_in_link::run(options).await,
        Command::Health(options) => health::run(options).await,
        Command::CheckConfig(options) => check_config::run(options),
    }
}

/// Tells a person what failed and what to do.
fn report(error: &Error) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(stderr, "gitpod-server: {}", Chain(error));
    if let Some(hint) = error.hint() {
        let _ = writeln!(stderr, "  {hint}");
    }
    ExitCode::FAILURE
}

/// Writes a line to standard output.
fn say(line: impl std::fmt::Display) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
        .map_err(|e| Error::unexpected("cannot write to standard output").with_source(e))
}
