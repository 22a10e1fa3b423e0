//! The terminal editor between its page and a real supervisor.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(30);

/// A supervisor and the terminal editor beside it.
struct Workspace {
    supervisor: Child,
    editor: Child,
    address: SocketAddr,
    _dir: tempfile::TempDir,
}

impl Drop for Workspace {
    fn drop(&mut self) {
        for child in [&mut self.editor, &mut self.supervisor] {
            let _ = rustix::process::kill_process(
                rustix::process::Pid::from_child(child),
                rustix::process::Signal::TERM,
            );
            let _ = child.wait();
        }
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

fn until<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = probe() {
            return value;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts both; the supervisor's port is in its first line.
fn start() -> Workspace {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = |name: &str| dir.path().join(name);
    for name in ["etc", "page/vendor", "repo"] {
        fs::create_dir_all(path(name)).unwrap();
    }
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(path("repo"), Some(33333), Some(33333)).unwrap();
    }
    fs::write(
        path("page/index.html"),
        "<!doctype html><title>page</title>",
    )
    .unwrap();
    fs::write(path("page/vendor/lib.mjs"), "export {};").unwrap();
    fs::write(path("secret.html"), "secret").unwrap();

    let program = env!("CARGO_BIN_EXE_supervisor");
    let mut supervisor = Command::new(program)
        .arg("init")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("SUPERVISOR_API_PORT", "0")
        .env("SUPERVISOR_ETC", path("etc"))
        .env("SUPERVISOR_USER_HOME", path("home"))
        .env("SUPERVISOR_RUN_DIR", path("run"))
        .env("SUPERVISOR_IDE_CONFIG", path("no-editor.json"))
        .env("GITPOD_REPO_ROOT", path("repo"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let api = listening_address(&mut supervisor);
    let address = free_address();
    let editor = Command::new(program)
        .args([
            "terminal-editor",
            "--port",
            &address.port().to_string(),
            "--supervisor",
            &api.to_string(),
            "--assets",
        ])
        .arg(path("page"))
        .env("GITPOD_WORKSPACE_ID", "amber-falcon-k3v9x2ab")
        .env("GITPOD_HOST", "http://localhost:8080")
        .spawn()
        .unwrap();
    until("the editor is ready", || {
        call(address, "GET", "/healthz", "").filter(|(status, _)| *status == 200)
    });
    Workspace {
        supervisor,
        editor,
        address,
        _dir: dir,
    }
}

fn listening_address(supervisor: &mut Child) -> SocketAddr {
    let mut lines = BufReader::new(supervisor.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let line = lines
        .find(|line| line.contains("listening on "))
        .expect("the supervisor says where it listens");
    std::thread::spawn(move || lines.for_each(drop));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// One request; status and body. `headers` are whole lines.
fn call(address: SocketAddr, method: &str, path: &str, headers: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

fn terminals(address: SocketAddr) -> Vec<Value> {
    let (status, body) = call(address, "GET", "/api/terminals", "").unwrap();
    assert_eq!(status, 200, "{body}");
    let listing: Value = serde_json::from_str(&body).unwrap();
    listing["terminals"].as_array().unwrap().clone()
}

#[test]
fn terminals_are_opened_listed_and_closed() {
    let workspace = start();
    assert!(terminals(workspace.address).is_empty());
    let (status, body) = call(workspace.address, "POST", "/api/terminals", "").unwrap();
    assert_eq!(status, 200, "{body}");
    let opened: Value = serde_json::from_str(&body).unwrap();
    let alias = opened["alias"].as_str().unwrap();
    assert_eq!(terminals(workspace.address)[0]["alias"], alias);

    let (status, _) = call(
        workspace.address,
        "DELETE",
        &format!("/api/terminals/{alias}"),
        "",
    )
    .unwrap();
    assert_eq!(status, 204);
    until("the terminal is gone", || {
        terminals(workspace.address).is_empty().then_some(())
    });
    let (status, _) = call(workspace.address, "DELETE", "/api/terminals/nobody", "").unwrap();
    assert_eq!(status, 404);
}

#[test]
fn the_page_knows_its_workspace_and_nothing_outside_its_directory_is_served() {
    let workspace = start();
    let get = |path: &str| call(workspace.address, "GET", path, "").unwrap();
    assert_eq!(get("/").1, "<!doctype html><title>page</title>");
    assert_eq!(get("/vendor/lib.mjs").0, 200);
    for outside in [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/vendor",
        "/vendor/",
        "//etc/passwd",
        "/index.html/",
        "/secret.html",
    ] {
        assert_eq!(get(outside).0, 404, "{outside}");
    }
    let about: Value = serde_json::from_str(&get("/api/workspace").1).unwrap();
    assert_eq!(about["workspace"], "amber-falcon-k3v9x2ab");
    assert_eq!(about["host"], "http://localhost:8080");
}

#[test]
fn pages_of_other_origins_can_do_nothing() {
    let workspace = start();
    let (address, evil) = (workspace.address, "Origin: http://evil.example\r\n");
    for (method, path) in [
        ("POST", "/api/terminals"),
        ("GET", "/api/terminals"),
        ("GET", "/"),
    ] {
        assert_eq!(
            call(address, method, path, evil).unwrap().0,
            403,
            "{method} {path}"
        );
    }
    assert!(terminals(address).is_empty());
    let own = format!("Origin: http://{address}\r\n");
    assert_eq!(
        call(address, "POST", "/api/terminals", &own).unwrap().0,
        200
    );
    let alias = terminals(address)[0]["alias"].as_str().unwrap().to_owned();
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let socket = format!("/api/terminals/{alias}/socket");
    assert_eq!(
        call(address, "GET", &socket, &format!("{upgrade}{evil}"))
            .unwrap()
            .0,
        403
    );
}

/// Over a raw socket: a handshake, masked frames out, plain frames in.
#[test]
fn bytes_and_sizes_go_through_the_socket_and_come_again_on_reconnect() {
    let workspace = start();
    let (_, body) = call(workspace.address, "POST", "/api/terminals", "").unwrap();
    let opened: Value = serde_json::from_str(&body).unwrap();
    let alias = opened["alias"].as_str().unwrap();

    let mut socket = Socket::open(workspace.address, alias);
    socket.send(1, br#"{"type":"resize","cols":93,"rows":31}"#);
    socket.send(2, b"stty size; echo sum-$((6*7))\n");
    socket.read_until("31 93");
    socket.read_until("sum-42");
    drop(socket);

    let mut again = Socket::open(workspace.address, alias);
    again.read_until("sum-42");
    again.send(1, b"not json");
    again.send(2, b"exit 3\n");
    again.read_until(r#"{"type":"exit","code":3}"#);
}

struct Socket {
    stream: BufReader<TcpStream>,
    seen: String,
}

impl Socket {
    fn open(address: SocketAddr, alias: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET /api/terminals/{alias}/socket HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 101"), "{line}");
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        Self {
            stream,
            seen: String::new(),
        }
    }

    /// A final frame under a mask of zeros.
    fn send(&mut self, opcode: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        assert!(length < 126);
        let mut frame = vec![0x80 | opcode, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        self.stream.get_mut().write_all(&frame).unwrap();
    }

    fn read_until(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let mut head = [0; 2];
            self.stream
                .read_exact(&mut head)
                .unwrap_or_else(|error| panic!("{error}: {text} never came: {}", self.seen));
            let length = match head[1] {
                126 => {
                    let mut long = [0; 2];
                    self.stream.read_exact(&mut long).unwrap();
                    usize::from(u16::from_be_bytes(long))
                }
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.stream.read_exact(&mut payload).unwrap();
            self.seen.push_str(&String::from_utf8_lossy(&payload));
        }
    }
}

#[test]
fn a_page_that_is_not_there_is_an_error_that_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_supervisor"))
        .args(["terminal-editor", "--port", "1", "--assets"])
        .arg(Path::new("/no/such/page"))
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("cannot read the terminal's page") && said.contains("/no/such/page"),
        "{said}"
    );
}
