use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use url::Url;

/// Makes, by the git executable, the repository that the suite's cases expect, and gives its `file://` URL:
/// branches `main` (the default) and `feature/login`; `README.md` with `hello`, `.gitpod.yml` with `tasks: []`.
///
/// # Errors
/// The directory cannot be made, or git failed.
pub fn make_repository(directory: &Path) -> io::Result<Url> {
    fs::create_dir_all(directory)?;
    fs::write(directory.join("README.md"), "hello\n")?;
    fs::write(directory.join(".gitpod.yml"), "tasks: []\n")?;
    for arguments in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message=first"],
        &["branch", "feature/login"],
    ] {
        let output = Command::new("git")
            .current_dir(directory)
            .args([
                "-c",
                "user.name=Conformance",
                "-c",
                "user.email=conformance@example.com",
            ])
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(said));
        }
    }
    Url::from_file_path(directory).map_err(|()| io::ErrorKind::InvalidInput.into())
}
