//! Large files: a clone has pointers; this brings their contents along.

use std::path::Path;

use gitpod_core::Result;
use gitpod_core::content::InitReport;

use super::checkout::Checkout;
use super::failure::{failure, is_disk_full, last_words};
use super::remote::Remote;
use super::tool::Session;
use crate::beneath::{self, blocking};

/// Attributes beyond this are not looked at.
const MAX_ATTRIBUTES: u64 = 1 << 20;

/// Brings the contents of large files along, if the repository's root attributes ask for it. Best effort, but for a full disk.
pub(super) async fn pull(
    checkout: &Checkout<'_>,
    session: &Session<'_>,
    remote: &Remote,
    tree: &str,
    host_tree: &Path,
    report: &mut InitReport,
) -> Result<()> {
    if !asks_for_lfs(host_tree).await? {
        return Ok(());
    }
    if !remote.pins.is_empty() {
        // The server says where large files are, and so could send this machine anywhere.
        report.warnings.push(String::from(
            "large files (LFS) were not downloaded; run `git lfs pull` in the workspace",
        ));
        return Ok(());
    }
    // With the hooks where the workspace looks for them: a later push has to bring large files along.
    let install = [
        "-C",
        tree,
        "-c",
        "core.hooksPath=.git/hooks",
        "lfs",
        "install",
        "--local",
    ];
    let commands: [&[&str]; 2] = [&install, &["-C", tree, "lfs", "pull"]];
    for command in commands {
        let output = session.try_run("download large files", command).await?;
        if output.exit.is_success() && !output.timed_out {
            continue;
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        if is_disk_full(&stderr) {
            return Err(failure(&checkout.attempt("download large files"), &output));
        }
        let why = last_words(&stderr).unwrap_or_else(|| String::from("git lfs failed"));
        report
            .warnings
            .push(format!("large files (LFS) were not downloaded: {why}"));
        break;
    }
    Ok(())
}

async fn asks_for_lfs(host_tree: &Path) -> Result<bool> {
    let attributes = blocking("cannot read the clone", host_tree.to_path_buf(), |tree| {
        beneath::read(tree, ".gitattributes", MAX_ATTRIBUTES)
    })
    .await?;
    Ok(attributes.is_some_and(|text| String::from_utf8_lossy(&text).contains("filter=lfs")))
}
