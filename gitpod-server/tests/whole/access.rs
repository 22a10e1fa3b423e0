//! Git servers that let nobody in.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use crate::installation::{Installation, show};

/// A git server that answers everything with `status`; gives its address.
fn server(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|l| !l.is_empty()))
            {}
            let _ = write!(
                &stream,
                "HTTP/1.1 {status}\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    });
    format!("http://{address}/owner/private.git")
}

pub(crate) fn no_access_is_explained() {
    let installation = Installation::fresh();
    for status in ["401 Unauthorized", "403 Forbidden", "404 Not Found"] {
        let url = server(status);
        let output = installation.gitpod(&["workspace", "create", &url, "--editor", "terminal"]);
        let said = show(&output).to_lowercase();
        assert!(!output.status.success(), "{status}: {said}");
        assert!(
            said.contains("private") && (said.contains("access") || said.contains("read")),
            "{status}: {said}"
        );
        assert!(
            said.contains("hint") || said.contains("check"),
            "{status}: {said}"
        );
    }
    let listed = installation.json(&["workspace", "list"]);
    assert_eq!(
        listed["workspaces"].as_array().map_or(0, Vec::len),
        0,
        "nothing half-made: {listed:#}"
    );
}
