use std::io::{self, IsTerminal as _};
use std::process::{ExitCode, Stdio};

use tokio::process::Command;

use crate::cli::arguments::Open;
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;
use crate::cli::output;

/// Prints the address that lets a signed-in browser in, and opens it where there is a browser.
pub(super) async fn run(connection: &Connection, options: Open) -> Result<ExitCode, Failure> {
    let workspace = connection.workspace(&options.id).await?;
    let mut address = connection.host.clone();
    address.set_path(&format!("/open/{}", workspace.id));
    output::line(&address)?;
    if !options.print && io::stdout().is_terminal() {
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else {
            "xdg-open"
        };
        let shown = Command::new(opener)
            .arg(address.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await;
        if !shown.is_ok_and(|status| status.success()) {
            output::note("no browser could be started here; open the address in yours");
        }
    }
    Ok(ExitCode::SUCCESS)
}
