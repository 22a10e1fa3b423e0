use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::requirements::Tools;
use crate::server::Server;

/// Starts a server and lets a browser play the scenario `name` of `e2e/run.mjs` against it.
pub(crate) fn play(name: &str, tools: &Tools) -> Result<(), String> {
    let modules =
        install_driver(tools).map_err(|e| format!("cannot install the browser's driver: {e}"))?;
    let scripts = tempfile::tempdir().map_err(|e| e.to_string())?;
    copy_scripts(scripts.path(), &modules).map_err(|e| format!("cannot copy the scenario: {e}"))?;
    let server = Server::start(tools)?;
    let mut node = Command::new(&tools.node);
    node.arg(scripts.path().join("run.mjs"))
        .env("E2E_SCENARIO", name)
        .env("E2E_LINK", &server.link)
        .env("E2E_HOST", &server.host)
        .env("E2E_CLI", tools.bin.join("gitpod"))
        .env("E2E_CHROMIUM", &tools.chromium)
        .env("GITPOD_HOST", &server.host)
        .env("GITPOD_TOKEN", &server.token)
        .stdin(Stdio::null());
    if let Some(shots) = std::env::var_os("GITPOD_TEST_SHOTS") {
        node.env("E2E_SHOTS", shots);
    }
    let status = node.status().map_err(|e| format!("cannot run node: {e}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "the scenario failed ({status}); the server's log:\n{}",
        server.log()
    ))
}

fn e2e() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/e2e")
}

/// Installs what the lock file pins, once for each content of it, however many tests ask at the same time.
fn install_driver(tools: &Tools) -> io::Result<PathBuf> {
    let locked = fs::read(e2e().join("package-lock.json"))?;
    let mut hash = DefaultHasher::new();
    locked.hash(&mut hash);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("browser-driver-{:016x}", hash.finish()));
    fs::create_dir_all(&dir)?;
    let lock = File::create(dir.join(".lock"))?;
    lock.lock()?;
    if !dir.join(".complete").exists() {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(e2e().join(name), dir.join(name))?;
        }
        let status = Command::new(&tools.npm)
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(&dir)
            .stdin(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("npm ci ended with {status}")));
        }
        File::create(dir.join(".complete"))?;
    }
    Ok(dir.join("node_modules"))
}

/// Node.js looks for modules beside the scripts; the source tree stays clean.
fn copy_scripts(to: &Path, modules: &Path) -> io::Result<()> {
    for entry in fs::read_dir(e2e())? {
        let entry = entry?;
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "mjs")
        {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    fs::write(to.join("package.json"), r#"{"type":"module"}"#)?;
    std::os::unix::fs::symlink(modules, to.join("node_modules"))
}
