use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::requirements::Tools;

/// The release binary with a data directory of its own, on a port of its own. Dropped: every workspace is deleted, the server
/// is told to stop, and its data is removed.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    cli: PathBuf,
    data: tempfile::TempDir,
    /// `http://localhost:PORT`
    pub(crate) host: String,
    /// Signs in once.
    pub(crate) link: String,
    pub(crate) token: String,
}

const READY: Duration = Duration::from_secs(30);

impl Server {
    pub(crate) fn start(tools: &Tools) -> Result<Self, String> {
        let data = tempfile::tempdir().map_err(|e| format!("no directory for data: {e}"))?;
        let log = File::create(data.path().join("test-server.log")).map_err(|e| e.to_string())?;
        let mut child = Command::new(tools.bin.join("gitpod-server"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("cannot start gitpod-server: {e}"))?;
        let Some(link) = first_link(&mut child) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!(
                "the server printed no sign-in link; its log:\n{}",
                log_of(data.path())
            ));
        };
        let (scheme, rest) = link.split_once("://").ok_or("the link is no URL")?;
        let authority = rest.split('/').next().unwrap_or_default();
        let token = fs::read_to_string(data.path().join("data/admin-token"))
            .map_err(|e| format!("there is no admin-token: {e}"))?;
        Ok(Self {
            host: format!("{scheme}://{authority}"),
            token: token.trim().to_owned(),
            cli: tools.bin.join("gitpod"),
            child,
            data,
            link,
        })
    }

    /// The end of what the server logged.
    pub(crate) fn log(&self) -> String {
        log_of(self.data.path())
    }

    fn cli(&self, args: &[&str]) -> Option<String> {
        let output = Command::new(&self.cli)
            .args(args)
            .env("GITPOD_HOST", &self.host)
            .env("GITPOD_TOKEN", &self.token)
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Running workspaces outlive their server by design; a failed test must not leave any.
    fn delete_workspaces(&self) {
        let listed = self
            .cli(&["workspace", "list", "--output", "json"])
            .unwrap_or_default();
        let mut rest = listed.as_str();
        while let Some((_, after)) = rest.split_once("\"id\":") {
            let Some(id) = after.split('"').nth(1) else {
                break;
            };
            self.cli(&["workspace", "delete", "--yes", id]);
            rest = after;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.delete_workspaces();
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

/// The first line of the server's output that is a link; reads on in the background, so that the server never blocks.
fn first_link(child: &mut Child) -> Option<String> {
    let output = BufReader::new(child.stdout.take()?);
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let line = line.trim().to_owned();
            if line.starts_with("http") {
                let _ = send.send(line);
            }
        }
    });
    receive.recv_timeout(READY).ok()
}

fn log_of(dir: &Path) -> String {
    let text = fs::read_to_string(dir.join("test-server.log")).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
