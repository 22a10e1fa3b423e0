//! The public API over a real listener: Connect JSON as a browser or `curl` speaks it, gRPC and Connect with the generated client.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::time::Duration;

use connectrpc::{ErrorCode, Protocol};
use gitpod_core::OrganizationId;
use gitpod_core::proto::gitpod::v1::{
    GetWorkspaceRequest, ListWorkspacesRequest, WatchWorkspaceStatusRequest, workspace_phase::Phase,
};
use gitpod_core::store::Role;
use gitpod_server::api::{Callers, METHODS};
use gitpod_server::auth::{exchange_sign_in, session_cookie};
use gitpod_server::platform::DEMO_REPOSITORY;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

#[path = "api/server.rs"]
mod server;
#[path = "api/variables.rs"]
mod variables;

use server::{LIMIT, Server};

async fn rename_and_find(server: &Server, token: &str, id: &str) {
    let renamed = server
        .call(
            token,
            "WorkspaceService/UpdateWorkspace",
            &json!({"workspaceId": id, "metadata": {"name": "mine", "pinned": true}}),
        )
        .await;
    assert_eq!(renamed.body["workspace"]["metadata"]["name"], "mine");
    let found = server
        .call(
            token,
            "WorkspaceService/ListWorkspaces",
            &json!({"searchTerm": "MINE", "pinned": true}),
        )
        .await;
    assert_eq!(found.body["workspaces"][0]["id"], id);
    let none = server
        .call(
            token,
            "WorkspaceService/ListWorkspaces",
            &json!({"searchTerm": "nothing"}),
        )
        .await;
    assert_eq!(none.body["workspaces"], Value::Null);
}

#[tokio::test]
async fn a_workspace_lives_over_connect_json() {
    let server = Server::start().await;
    let token = server.user("ada", Role::Member, false).await;
    let id = server.create(&token).await;
    let one = json!({ "workspaceId": id });
    let running = tokio::time::timeout(LIMIT, async {
        loop {
            let answer = server
                .call(&token, "WorkspaceService/GetWorkspace", &one)
                .await;
            let workspace = &answer.body["workspace"];
            if workspace["status"]["phase"]["name"] == "PHASE_RUNNING" {
                break workspace.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    let status = &running["status"];
    assert_eq!(status["steps"].as_array().unwrap().len(), 9);
    assert_eq!(status["steps"][0]["state"], "STATE_DONE");
    assert_eq!(status["editor"]["id"], "terminal");
    assert!(status["workspaceUrl"].as_str().unwrap().contains(&id));
    assert!(status["instanceId"].as_str().unwrap().len() == 36);
    assert!(status["timeoutAt"].is_string());
    assert_eq!(running["metadata"]["originalContextUrl"], DEMO_REPOSITORY);

    rename_and_find(&server, &token, &id).await;
    for method in [
        "SendHeartBeat",
        "StopWorkspace",
        "StartWorkspace",
        "DeleteWorkspace",
    ] {
        let answer = server
            .call(&token, &format!("WorkspaceService/{method}"), &one)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{method}: {:?}", answer.body);
    }
    tokio::time::timeout(LIMIT, async {
        loop {
            let answer = server
                .call(&token, "WorkspaceService/ListWorkspaces", &json!({}))
                .await;
            if answer.body["workspaces"].is_null() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn both_mounts_answer_and_name_their_requests() {
    let server = Server::start().await;
    let token = server.user("ada", Role::Admin, false).await;
    let authorization = format!("Bearer {token}");
    let mut ids = Vec::new();
    for mount in ["", "/public-api"] {
        let path = format!("{mount}/gitpod.v1.UserService/GetAuthenticatedUser");
        let answer = server
            .post(&path, &[("authorization", &authorization)], &json!({}))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.body["user"]["name"], "ada");
        assert_eq!(
            answer.body["user"]["rolesOrPermissions"],
            json!(["ROLE_OR_PERMISSION_ADMIN"])
        );
        ids.push(answer.headers["x-request-id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

/// Each method with each kind of caller, held against the declaration.
#[tokio::test]
async fn every_method_admits_exactly_its_callers() {
    let server = Server::start().await;
    let tokens = BTreeMap::from([
        ("admin", server.user("root", Role::Admin, false).await),
        ("member", server.user("ada", Role::Member, false).await),
        ("blocked", server.user("mallory", Role::Member, true).await),
        (
            "wrong",
            String::from("gitpod_pat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ),
    ]);
    for method in METHODS
        .iter()
        .filter(|m| !m.path.ends_with("WatchWorkspaceStatus"))
    {
        let path = format!("/{}", method.path);
        let anonymous = server.post(&path, &[], &json!({})).await;
        assert_eq!(anonymous.code(), "unauthenticated", "{path}");
        assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED, "{path}");
        for (who, token) in &tokens {
            let authorization = format!("Bearer {token}");
            let answer = server
                .post(&path, &[("authorization", &authorization)], &json!({}))
                .await;
            let admitted = match (*who, method.callers) {
                ("admin", _) | ("member", Callers::Members) => true,
                ("member", Callers::Administrators) | ("blocked", _) => {
                    assert_eq!(answer.code(), "permission_denied", "{path} {who}");
                    false
                }
                _ => {
                    let refused = ["unauthenticated", "resource_exhausted"];
                    assert!(refused.contains(&answer.code()), "{path} {who}: {answer:?}");
                    false
                }
            };
            if admitted {
                let refused = ["unauthenticated", "permission_denied"];
                assert!(
                    !refused.contains(&answer.code()),
                    "{path} {who}: {answer:?}"
                );
                assert_eq!(
                    answer.code() == "unimplemented",
                    !method.served,
                    "{path} {who}"
                );
            }
        }
    }
}

#[tokio::test]
async fn nobody_reaches_a_workspace_of_somebody_else() {
    let server = Server::start().await;
    let owner = server.user("ada", Role::Member, false).await;
    let other = server.user("bob", Role::Member, false).await;
    let admin = server.user("root", Role::Admin, false).await;
    let id = server.create(&owner).await;
    let one = json!({ "workspaceId": id });
    for method in [
        "GetWorkspace",
        "StartWorkspace",
        "StopWorkspace",
        "DeleteWorkspace",
        "UpdateWorkspace",
        "SendHeartBeat",
        "GetWorkspaceOwnerToken",
    ] {
        let answer = server
            .call(&other, &format!("WorkspaceService/{method}"), &one)
            .await;
        assert_eq!(answer.code(), "not_found", "{method}: {:?}", answer.body);
    }
    let token = "WorkspaceService/GetWorkspaceOwnerToken";
    assert_eq!(
        server.call(&admin, token, &one).await.code(),
        "permission_denied"
    );
    let mine = server.call(&owner, token, &one).await;
    assert!(mine.body["ownerToken"].as_str().unwrap().len() >= 32);
    let seen = server
        .call(&admin, "WorkspaceService/GetWorkspace", &one)
        .await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(
        !seen
            .body
            .to_string()
            .contains(mine.body["ownerToken"].as_str().unwrap())
    );
    let listed = server
        .call(&other, "WorkspaceService/ListWorkspaces", &json!({}))
        .await;
    assert_eq!(listed.body["workspaces"], Value::Null);
}

const CREATE: &str = "WorkspaceService/CreateAndStartWorkspace";

/// Method, request, and the code it is answered with.
fn wrong_input() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "WorkspaceService/GetWorkspace",
            json!({}),
            "invalid_argument",
        ),
        (
            "WorkspaceService/GetWorkspace",
            json!({"workspaceId": "../etc"}),
            "invalid_argument",
        ),
        (
            "WorkspaceService/GetWorkspace",
            json!({"workspaceId": "amber-falcon-k3v9x2ab"}),
            "not_found",
        ),
        (CREATE, json!({}), "invalid_argument"),
        (
            CREATE,
            json!({"contextUrl": {"url": "not a url"}}),
            "invalid_argument",
        ),
        (
            CREATE,
            json!({"contextUrl": {"url": "https://git.example/no/such"}}),
            "failed_precondition",
        ),
        (
            CREATE,
            json!({"contextUrl": {"url": DEMO_REPOSITORY, "workspaceClass": "huge"}}),
            "invalid_argument",
        ),
        (
            CREATE,
            json!({"contextUrl": {"url": DEMO_REPOSITORY, "editor": {"name": "emacs"}}}),
            "invalid_argument",
        ),
        (CREATE, json!({"spec": {}}), "unimplemented"),
        (
            CREATE,
            json!({"metadata": {"organizationId": "x"}, "contextUrl": {"url": DEMO_REPOSITORY}}),
            "invalid_argument",
        ),
        (
            CREATE,
            json!({"metadata": {"organizationId": OrganizationId::random().to_string()}, "contextUrl": {"url": DEMO_REPOSITORY}}),
            "permission_denied",
        ),
        (
            "WorkspaceService/ListWorkspaces",
            json!({"pagination": {"pageSize": -1}}),
            "invalid_argument",
        ),
        (
            "WorkspaceService/ParseContextURL",
            json!({"contextUrl": "https://git.example/no/such"}),
            "failed_precondition",
        ),
    ]
}

#[tokio::test]
async fn wrong_input_is_told_with_code_details_and_hint() {
    let server = Server::start().await;
    let token = server.user("ada", Role::Member, false).await;
    for (method, body, code) in wrong_input() {
        let answer = server.call(&token, method, &body).await;
        assert_eq!(answer.code(), code, "{method} {body}: {:?}", answer.body);
        assert!(!answer.body["message"].as_str().unwrap().is_empty());
    }
    let missing = server
        .call(
            &token,
            CREATE,
            &json!({"contextUrl": {"url": "https://git.example/no/such"}}),
        )
        .await;
    let details: Vec<&str> = missing.body["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| detail["type"].as_str().unwrap())
        .collect();
    assert!(
        details.contains(&"gitpod.v1.FailedPreconditionDetails"),
        "{details:?}"
    );
}

#[tokio::test]
async fn a_session_acts_from_our_own_pages_only() {
    let server = Server::start().await;
    let token = server.user("ada", Role::Member, false).await;
    let host = server.address.to_string();
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::try_from(&host).unwrap());
    let platform = &server.platform;
    let session = exchange_sign_in(&**platform.identities(), &**platform.clock(), &token)
        .await
        .unwrap();
    let cookie = session_cookie(&headers, &session, false).unwrap();
    let cookie = cookie
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let path = "/public-api/gitpod.v1.UserService/GetAuthenticatedUser";
    let own = format!("http://{host}");
    let with = |origin| [("cookie", cookie.as_str()), ("origin", origin)];
    let answer = server.post(path, &with(&own), &json!({})).await;
    assert_eq!(answer.body["user"]["name"], "ada");
    let answer = server
        .post(path, &with("https://evil.example"), &json!({}))
        .await;
    assert_eq!(answer.code(), "permission_denied");
    let answer = server.post(path, &[("cookie", &cookie)], &json!({})).await;
    assert_eq!(answer.code(), "permission_denied");
}

#[tokio::test]
async fn pages_cover_all_workspaces_once() {
    let server = Server::start().await;
    let token = server.user("ada", Role::Member, false).await;
    let mut created = Vec::new();
    for _ in 0..7 {
        created.push(server.create(&token).await);
    }
    created.sort();
    let mut seen = Vec::new();
    let mut page = String::new();
    loop {
        let body = json!({"pagination": {"pageSize": 3, "token": page}});
        let answer = server
            .call(&token, "WorkspaceService/ListWorkspaces", &body)
            .await;
        let workspaces = answer.body["workspaces"].as_array().unwrap().clone();
        assert!(workspaces.len() <= 3);
        seen.extend(
            workspaces
                .iter()
                .map(|w| w["id"].as_str().unwrap().to_owned()),
        );
        match answer.body["pagination"]["nextToken"].as_str() {
            Some(token) if !token.is_empty() => page = token.to_owned(),
            _ => break,
        }
    }
    assert_eq!(seen, created);
}

#[tokio::test]
async fn the_generated_client_works_over_connect_grpc_and_grpc_web() {
    let server = Server::start().await;
    let token = server.user("ada", Role::Member, false).await;
    let id = server.create(&token).await;
    for protocol in [Protocol::Connect, Protocol::Grpc, Protocol::GrpcWeb] {
        let client = server.client(&token, protocol);
        let answer = client
            .list_workspaces(ListWorkspacesRequest::default())
            .await
            .unwrap()
            .into_owned();
        assert_eq!(answer.workspaces[0].id, id, "{protocol:?}");
        let missing = GetWorkspaceRequest {
            workspace_id: String::from("amber-falcon-k3v9x2ab"),
        };
        let error = client.get_workspace(missing).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::NotFound, "{protocol:?}");
        let stranger = server.client("nonsense", protocol);
        let error = stranger
            .list_workspaces(ListWorkspacesRequest::default())
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::Unauthenticated, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_watch_tells_the_status_now_and_each_change() {
    let server = Server::start().await;
    let token = server.user("ada", Role::Member, false).await;
    let other = server.user("bob", Role::Member, false).await;
    let id = server.create(&token).await;
    server.create(&other).await;
    for (protocol, only) in [
        (Protocol::Connect, id.as_str()),
        (Protocol::Grpc, ""),
        (Protocol::GrpcWeb, ""),
    ] {
        let client = server.client(&token, protocol);
        let request = WatchWorkspaceStatusRequest {
            workspace_id: only.to_owned(),
        };
        let mut stream = client.watch_workspace_status(request).await.unwrap();
        let seen = tokio::time::timeout(LIMIT, async {
            let mut versions = Vec::new();
            loop {
                let message = stream.message().await.unwrap().unwrap().to_owned_message();
                assert_eq!(message.workspace_id, id, "only one's own");
                versions.push(message.status.status_version);
                if message.status.phase.name == Phase::PHASE_RUNNING {
                    break versions;
                }
            }
        })
        .await
        .unwrap();
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    }
    let request = WatchWorkspaceStatusRequest {
        workspace_id: id.clone(),
    };
    let client = server.client(&other, Protocol::Connect);
    let error = match client.watch_workspace_status(request).await {
        Err(error) => error,
        Ok(mut stream) => stream.message().await.map(|_| ()).unwrap_err(),
    };
    assert_eq!(error.code, ErrorCode::NotFound);
}
