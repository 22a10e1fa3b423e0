//! What keeps a workspace running: a person, not an open window.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use gitpod_server::config::Config;

use crate::installation::{Installation, PATIENCE, until};
use crate::repository::Repository;

/// Longer than any pause between two signs, also on a busy machine.
const INACTIVITY: Duration = Duration::from_secs(25);

/// An open window on a terminal: a WebSocket that says something each second, as editors do on their own.
fn open_window(installation: &Installation, id: &str) -> TcpStream {
    let token = installation.owner_token(id);
    let owner = [("x-gitpod-owner-token", token.as_str())];
    let host = format!("{id}.ws.localhost");
    let (_, listed) = installation.http(&host, "/api/terminals", &owner);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let alias = listed.to_string();
    let alias = alias
        .split("\"alias\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_else(|| panic!("no terminal: {listed}"));
    let port = installation.port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET /api/terminals/{alias}/socket HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: http://{host}:{port}\r\n\
         x-gitpod-owner-token: {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    .unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    stream
}

pub(crate) fn a_person_keeps_it_running_and_an_open_window_does_not() {
    let mut config = Config::default();
    config.policy.inactivity = INACTIVITY;
    let installation = Installation::with(&config);
    // A shell that waits for its user.
    let waiting = "tasks:\n  - name: Shell\n    command: exec cat\n";
    // A terminal of a program's own, in which somebody types: so does VS Code.
    let typing = "tasks:\n  - name: Typing\n    command: (while sleep 1; do echo x; done) | script -qc 'cat > /dev/null' /dev/null\n";
    let open = installation.create(&Repository::with(&[(".gitpod.yml", waiting)]).url());
    let typed = installation.create(&Repository::with(&[(".gitpod.yml", typing)]).url());
    let fed = installation.create(&Repository::with(&[("a", "b")]).url());
    until("the shell is there", || {
        installation.status(&open)["tasks"][0]["state"] == "STATE_RUNNING"
    });
    let mut window = open_window(&installation, &open);
    let mut cat = installation.spawn(&["workspace", "exec", &fed, "--", "cat"]);
    let mut input = cat.stdin.take().unwrap();
    until("the one with an open window alone stops", || {
        // An empty ping of a client; the stopped one closes the connection.
        let _ = window.write_all(&[0x89, 0x80, 1, 2, 3, 4]);
        input.write_all(b"x\n").unwrap();
        std::thread::sleep(Duration::from_secs(1));
        installation.phase(&open) == "PHASE_STOPPED"
    });
    assert_eq!(installation.status(&open)["stopReason"], "inactivity");
    for used in [&typed, &fed] {
        assert_eq!(installation.phase(used), "PHASE_RUNNING", "{used}");
    }
    drop(input);
    cat.wait().unwrap();
    until("nobody types any more", || {
        installation.phase(&fed) == "PHASE_STOPPED"
    });
    assert_eq!(
        installation.phase(&typed),
        "PHASE_RUNNING",
        "typing has kept it for twice the time"
    );
}
