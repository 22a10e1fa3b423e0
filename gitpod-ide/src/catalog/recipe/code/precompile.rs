//! Lets the package's own Node.js compile ahead what the server's start needs.

use std::process::Stdio;
use std::time::Duration;

use gitpod_core::instance::RunAs;
use tokio::process::Command;

use super::{Bench, files};

pub(super) const SCRIPT: &str = include_str!("../../../../assets/code/precompile.mjs");

/// Takes a second; a machine that needs longer does without.
const LIMIT: Duration = Duration::from_mins(2);

/// Fills `compile-cache` in the package, or leaves it out: a start is only slower without it.
pub(super) async fn run(bench: &Bench<'_>) {
    if let Err(why) = try_run(bench).await {
        tracing::warn!(
            why,
            "VS Code is not compiled ahead: its starts will be a little slower"
        );
        if let Err(error) = files::remove(&bench.package.join("compile-cache")) {
            tracing::warn!(%error, "what was compiled cannot be removed");
        }
    }
}

async fn try_run(bench: &Bench<'_>) -> Result<(), String> {
    let (script, data) = (
        bench.scratch.join("precompile.mjs"),
        bench.scratch.join("data"),
    );
    files::write(&script, SCRIPT.as_bytes()).map_err(|error| error.to_string())?;
    let output = Command::new(bench.package.join("lib/node"))
        .args([&script, bench.package, &data])
        .arg(RunAs::GITPOD.uid.to_string())
        .current_dir(bench.scratch)
        .env_clear()
        .env("HOME", bench.scratch)
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(LIMIT, output).await {
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!(
                "{}: {}",
                output.status,
                said.trim().chars().take(1000).collect::<String>()
            ))
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("not done after {LIMIT:?}")),
    }
}
