//! VS Code from npm, and its server as an ordinary user of a workspace runs it.
//!
//! Runs where the package is installed; with `GITPOD_TEST_EDITOR=required` (CI) it is fetched where it is not, 120 MB.
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
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use gitpod_ide::{CatalogConfig, Entry, IdeCatalog as _, PackagedCatalog};
use libtest_mimic::{Arguments, Trial};
use tokio::time::Instant;

fn main() -> ExitCode {
    let name = "vs_code_serves_its_workbench_to_an_unprivileged_user";
    let required = std::env::var("GITPOD_TEST_EDITOR").is_ok_and(|value| value == "required");
    let catalog = catalog();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let known = runtime.block_on(catalog.list()).unwrap();
    let trial = if required || known.iter().any(|ide| ide.installed) {
        Trial::test(name, move || {
            runtime.block_on(vs_code_serves_its_workbench(&catalog));
            Ok(())
        })
    } else {
        eprintln!("{name} is ignored: VS Code is not installed (`make editors` installs it)");
        Trial::test(name, || Ok(())).with_ignored_flag(true)
    };
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

/// The servers' own cache, where `make editors` and CI keep the package.
fn catalog() -> PackagedCatalog {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
        PathBuf::from,
    );
    let mut config = CatalogConfig::new(cache.join("gitpod/ide"));
    config.editors = vec![Entry::code()];
    config.build().unwrap()
}

/// The package where every user can reach it: caches are often in closed homes.
fn reachable(package: &Path, at: &Path) -> PathBuf {
    fs::set_permissions(at, PermissionsExt::from_mode(0o755)).unwrap();
    let copy = at.join("package");
    let mut command = Command::new("cp");
    let status = command
        .args(["-a", "--reflink=auto"])
        .args([package, &copy])
        .status();
    assert!(status.unwrap().success(), "cannot copy the package");
    copy
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

async fn vs_code_serves_its_workbench(catalog: &PackagedCatalog) {
    let began = Instant::now();
    let say = |step: &str| eprintln!("{:>7.1?} {step}", began.elapsed());
    let package = catalog.install("code", &say).await.unwrap();
    say("installed");
    check_content(&package);
    catalog.verify("code").await.unwrap();
    say("verified");

    let temp = tempfile::tempdir().unwrap();
    let mut server = Server::start(&reachable(&package, temp.path()));
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
