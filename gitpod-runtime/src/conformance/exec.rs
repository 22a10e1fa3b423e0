//! exec, with pipes and with a terminal.

use std::path::PathBuf;
use std::sync::Arc;

use gitpod_core::{ErrorKind, InstanceId, Result};
use tokio::io::AsyncWriteExt as _;

use super::case::{Bench, Need, cases, check, finish, refuses};
use crate::{Command, PtySize, StopMode};

cases! {
    "exec::exit_codes_are_passed_on" [Need::Exec] => exit_code;
    "exec::input_reaches_the_command" [Need::Exec] => input;
    "exec::output_and_errors_stay_apart" [Need::Exec] => streams;
    "exec::environment_and_directory_are_as_asked" [Need::Exec] => environment;
    "exec::a_missing_command_is_not_found" [Need::Exec] => missing;
    "exec::needs_a_known_instance" [Need::Exec] => unknown;
    "exec::needs_a_running_instance" [Need::Exec] => stopped;
    "exec::signals_reach_the_command" [Need::Exec] => signal;
    "exec::a_terminal_is_one" [Need::Exec, Need::Pty] => terminal;
}

async fn exit_code(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    for code in [0, 1, 42] {
        let finished = bench.run(spec.id, &["exit", &code.to_string()]).await?;
        check(finished.exit.code == Some(code), || {
            format!("expected exit code {code}, got {finished:?}")
        })?;
    }
    Ok(())
}

async fn input(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let mut process = bench
        .runtime()
        .exec(spec.id, &bench.command(&["cat"]))
        .await?;
    if let Some(stdin) = process.stdin.as_mut() {
        stdin
            .write_all(b"through and through")
            .await
            .map_err(|e| gitpod_core::Error::unexpected(e.to_string()))?;
    }
    let finished = finish(process).await?;
    check(finished.stdout == "through and through", || {
        format!("input came back as {finished:?}")
    })
}

async fn streams(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let finished = bench.run(spec.id, &["both"]).await?;
    check(finished.stdout == "out" && finished.stderr == "err", || {
        format!("streams are mixed: {finished:?}")
    })
}

async fn environment(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let mut command = bench.command(&["print", "GREETING"]);
    command.env.push((
        String::from("GREETING"),
        String::from("hello $(id) \"quoted\""),
    ));
    let finished = finish(bench.runtime().exec(spec.id, &command).await?).await?;
    check(finished.stdout == "hello $(id) \"quoted\"", || {
        format!("environment came as {finished:?}")
    })?;
    let mut command = bench.command(&["print", "cwd"]);
    command.cwd = PathBuf::from("/tmp");
    let finished = finish(bench.runtime().exec(spec.id, &command).await?).await?;
    check(finished.stdout == "/tmp", || {
        format!("directory is {finished:?}")
    })
}

async fn missing(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let command = Command::new(["/no/such/program"]);
    refuses(
        bench.runtime().exec(spec.id, &command).await,
        ErrorKind::NotFound,
        "a missing command",
    )
}

async fn unknown(bench: Arc<Bench>) -> Result<()> {
    let command = bench.command(&["exit", "0"]);
    refuses(
        bench.runtime().exec(InstanceId::random(), &command).await,
        ErrorKind::NotFound,
        "an unknown instance",
    )
}

async fn stopped(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    bench.runtime().stop(spec.id, StopMode::Kill).await?;
    let command = bench.command(&["exit", "0"]);
    refuses(
        bench.runtime().exec(spec.id, &command).await,
        ErrorKind::FailedPrecondition,
        "a stopped instance",
    )
}

async fn signal(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let process = bench
        .runtime()
        .exec(spec.id, &bench.command(&["sleep"]))
        .await?;
    process.control.signal(9).await?;
    let exit = process.control.wait().await?;
    check(exit.signal == Some(9), || {
        format!("expected death by signal 9, got {exit:?}")
    })
}

async fn terminal(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    let mut command = bench.command(&["print", "tty"]);
    command.pty = Some(PtySize { cols: 80, rows: 24 });
    let process = bench.runtime().exec(spec.id, &command).await?;
    process
        .control
        .resize(PtySize {
            cols: 132,
            rows: 43,
        })
        .await?;
    let finished = finish(process).await?;
    check(finished.stdout.trim() == "1", || {
        format!("not a terminal: {finished:?}")
    })
}
