//! A small repository on this machine.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

/// Makes it and gives its URL.
pub(crate) fn make(directory: &Path) -> Result<String> {
    let path = directory.join("app");
    for folder in 0..10 {
        let folder = path.join(format!("folder-{folder}"));
        std::fs::create_dir_all(&folder)?;
        for file in 0..10 {
            std::fs::write(
                folder.join(format!("file-{file}.txt")),
                format!("{file}\n").repeat(100),
            )?;
        }
    }
    git(&path, &["init", "-q", "-b", "main"])?;
    git(&path, &["add", "-A"])?;
    git(
        &path,
        &[
            "-c",
            "user.name=Bench",
            "-c",
            "user.email=bench@example.com",
            "commit",
            "-q",
            "-m",
            "first",
        ],
    )?;
    Ok(format!("file://{}", path.display()))
}

fn git(path: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new("git")
        .arg("-C")
        .arg(path)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()?;
    ensure!(status.success(), "git {arguments:?} failed");
    Ok(())
}
