//! The command line `gitpod`: a client of the public API, with no private way in.
//!
//! Exit codes: 0 done; 1 failed; 2 wrong usage; 3 not found; 4 not signed in, or not allowed; 5 the workspace failed, or server
//! or workspace cannot be reached; 124 the time limit passed; 130 interrupted. `workspace exec` exits with the command's code,
//! 128 + N when signal N ended it, 127 when there is no such command.

mod arguments;
mod config;
mod connection;
mod context;
mod credentials;
mod env;
mod failure;
mod login;
mod names;
mod output;
mod progress;
mod table;
mod terminal;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use failure::Failure;

/// Runs the command that the process' arguments name.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => return Failure::failed(format!("cannot start the async runtime: {e}")).report(),
    };
    let result = runtime.block_on(run(arguments));
    // A read of standard input cannot be cancelled; nothing waits for it.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let global = arguments.global;
    match arguments.command {
        Command::Login(options) => login::login(&global, options).await,
        Command::Logout => login::logout(&global),
        Command::Whoami => login::whoami(&global).await,
        Command::Workspace(command) => workspace::run(&global, command).await,
        Command::Env(command) => env::run(&global, command).await,
        Command::Config(command) => config::run(global.output, &command),
        Command::Context(command) => context::run(&command),
    }
}
