use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::harness::{Agent, Setup};

/// Status code and body of a GET.
fn get(agent: &Agent, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(agent.address).unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nHost: a.ws.localhost\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

fn json(agent: &Agent, path: &str) -> Value {
    let (status, body) = get(agent, &format!("/_supervisor/v1{path}"), "");
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn rest_tells_the_same_in_the_originals_shape() {
    let setup = Setup::new().env("GITPOD_WORKSPACE_ID", "amber-falcon-k3v9x2ab");
    let context = "https://git.example/o/r/tree/main";
    let agent = setup.env("GITPOD_WORKSPACE_CONTEXT_URL", context).start();
    assert_eq!(json(&agent, "/status/supervisor")["ok"], true);
    assert_eq!(json(&agent, "/status/content")["available"], true);
    assert_eq!(
        json(&agent, "/status/tasks")["result"]["tasks"],
        Value::Array(Vec::new())
    );
    assert!(json(&agent, "/status/ports")["result"]["ports"].is_array());
    assert_eq!(json(&agent, "/status/ide/wait/true")["ok"], false);
    let info = json(&agent, "/info/workspace");
    assert_eq!(info["workspaceId"], "amber-falcon-k3v9x2ab");
    assert_eq!(info["repository"]["owner"], "o");
    assert_eq!(
        info["checkoutLocation"],
        agent.path("repo").to_str().unwrap()
    );
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let agent = Setup::new().start();
    let path = "/_supervisor/v1/status/supervisor";
    assert_eq!(
        get(&agent, path, "Origin: http://a.ws.localhost\r\n").0,
        200
    );
    assert_eq!(
        get(&agent, path, "Origin: http://3000-a.ws.localhost\r\n").0,
        403
    );
    assert_eq!(get(&agent, path, "Sec-Fetch-Site: cross-site\r\n").0, 403);
}
