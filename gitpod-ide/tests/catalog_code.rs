//! VS Code from npm, and its server as an ordinary user of a workspace runs it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::print_stderr,
    reason = "it takes minutes: who waits wants to see it move"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gitpod_ide::{CatalogConfig, Entry, PackagedCatalog};
use tokio::time::Instant;

/// `GITPOD_TEST_IDE_CACHE` keeps the package between runs; every user must be able to reach it.
fn catalog(temp: &Path) -> PackagedCatalog {
    let kept = std::env::var_os("GITPOD_TEST_IDE_CACHE").map(Into::into);
    let mut config = CatalogConfig::new(kept.unwrap_or_else(|| temp.join("cache")));
    config.editors = vec![Entry::code()];
    config.build().unwrap()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn get(port: u16, path: &str, headers: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: w.ws.localhost:{port}\r\nConnection: close\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// The package's server, as an ordinary user with an empty environment.
struct Server {
    child: Child,
    port: u16,
    home: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(package: &Path) -> Self {
        let (port, home) = (free_port(), tempfile::tempdir().unwrap());
        let mut command = Command::new(package.join("lib/node"));
        command
            .arg(package.join("start.mjs"))
            .args([
                "--port",
                &port.to_string(),
                "--folder",
                "/usr/share",
                "--data",
            ])
            .arg(home.path().join("data"))
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null());
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(home.path(), Some(33333), Some(33333)).unwrap();
            command.uid(33333).gid(33333);
        }
        let child = command.spawn().unwrap();
        Self { child, port, home }
    }

    async fn wait_until_ready(&mut self) {
        let started = Instant::now();
        let is_ready = |port| {
            get(port, "/healthz", "").is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
        };
        while !is_ready(self.port) {
            assert!(
                started.elapsed() < Duration::from_mins(1),
                "the editor never answered"
            );
            assert_eq!(self.child.try_wait().unwrap(), None, "the editor ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        eprintln!("ready after {:?}", started.elapsed());
    }

    fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(
            status.success(),
            "the editor does not end in order: {status}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "fetches 120 MB from npm; run with --run-ignored all"]
async fn vs_code_serves_its_workbench_to_an_unprivileged_user() {
    let temp = tempfile::tempdir().unwrap();
    fs::set_permissions(temp.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let catalog = catalog(temp.path());
    let began = Instant::now();
    let say = |step: &str| eprintln!("{:>7.1?} {step}", began.elapsed());
    let package = catalog.install("code", &say).await.unwrap();
    say("installed");
    check_content(&package);
    catalog.verify("code").await.unwrap();
    say("verified");

    let mut server = Server::start(&package);
    server.wait_until_ready().await;
    check_answers(&server);
    server.stop();
}

/// What may not be delivered is not there, what speeds a start up is.
fn check_content(package: &Path) {
    for absent in [
        "extensions/copilot",
        "node_modules/@github",
        "node_modules/@vscode/copilot-api",
    ] {
        assert!(
            !package.join("lib/vscode").join(absent).exists(),
            "{absent}"
        );
    }
    let mut compiled = fs::read_dir(package.join("compile-cache")).unwrap();
    let name = compiled.next().unwrap().unwrap().file_name();
    assert!(
        name.to_string_lossy().ends_with("-33333"),
        "{}",
        name.display()
    );
}

fn check_answers(server: &Server) {
    let page = get(server.port, "/", "").unwrap();
    assert!(
        page.contains("vscode-workbench-web-configuration"),
        "{page}"
    );
    assert!(
        page.contains("/usr/share"),
        "the folder is not opened: {page}"
    );
    assert!(
        get(server.port, "/manifest.json", "")
            .unwrap()
            .starts_with("HTTP/1.1 200")
    );
    let settings = server.home.path().join("data/data/User/settings.json");
    assert!(
        fs::read_to_string(settings)
            .unwrap()
            .contains("chat.disableAIFeatures")
    );

    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let refused = get(
        server.port,
        "/",
        &format!("{upgrade}Origin: http://evil.example\r\n"),
    )
    .unwrap();
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
}
