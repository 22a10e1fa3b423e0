//! Environment variables over the API: each user's own, and nobody else's.

use gitpod_core::store::Role;
use serde_json::{Value, json};

use crate::server::Server;

const SERVICE: &str = "EnvironmentVariableService";

async fn create(server: &Server, token: &str, name: &str, value: &str, pattern: &str) -> Value {
    let body = json!({"name": name, "value": value, "repositoryPattern": pattern});
    let method = format!("{SERVICE}/CreateUserEnvironmentVariable");
    let answer = server.call(token, &method, &body).await;
    if answer.code() == "ok" {
        answer.body["environmentVariable"].clone()
    } else {
        json!(answer.code())
    }
}

async fn names(server: &Server, token: &str) -> Vec<String> {
    let method = format!("{SERVICE}/ListUserEnvironmentVariables");
    let answer = server.call(token, &method, &json!({})).await;
    let all = answer.body["environmentVariables"].as_array().cloned();
    let name = |variable: Value| variable["name"].as_str().unwrap().to_owned();
    all.unwrap_or_default().into_iter().map(name).collect()
}

#[tokio::test]
async fn users_keep_their_own_variables() {
    let server = Server::start().await;
    let ada = server.user("Ada", Role::Admin, false).await;
    let bob = server.user("Bob", Role::Member, false).await;
    let kept = create(&server, &bob, "COLOR", "blue", "*/**").await;
    assert_eq!(kept["value"], "blue");
    for (name, value, pattern, code) in [
        ("COLOR", "red", "*/**", "already_exists"),
        ("GITPOD_HOST", "x", "*/**", "invalid_argument"),
        ("1A", "x", "*/**", "invalid_argument"),
        ("A", " ", "*/**", "invalid_argument"),
        ("A", "x", "**/name", "invalid_argument"),
        ("A", "x", "", "invalid_argument"),
    ] {
        assert_eq!(
            create(&server, &bob, name, value, pattern).await,
            code,
            "{name} {pattern}"
        );
    }
    assert_eq!(names(&server, &bob).await, ["COLOR"]);

    // Not even administrators see or change those of others.
    assert!(names(&server, &ada).await.is_empty());
    let id = &kept["id"];
    let update = json!({"environmentVariableId": id, "value": "stolen"});
    let update_method = format!("{SERVICE}/UpdateUserEnvironmentVariable");
    let refused = server.call(&ada, &update_method, &update).await;
    assert_eq!(refused.code(), "not_found");
    let delete = json!({"environmentVariableId": id});
    let delete_method = format!("{SERVICE}/DeleteUserEnvironmentVariable");
    assert_eq!(
        server.call(&ada, &delete_method, &delete).await.code(),
        "not_found"
    );

    let workspace = server.create(&bob).await;
    let resolve = json!({"workspaceId": workspace});
    let resolve_method = format!("{SERVICE}/ResolveWorkspaceEnvironmentVariables");
    let resolved = server.call(&bob, &resolve_method, &resolve).await;
    let expected = json!([{"name": "COLOR", "value": "blue"}]);
    assert_eq!(
        resolved.body["environmentVariables"], expected,
        "{:?}",
        resolved.body
    );
    assert_eq!(
        server.call(&ada, &resolve_method, &resolve).await.code(),
        "permission_denied"
    );

    let change = json!({"environmentVariableId": id, "value": "green", "repositoryPattern": "o/*"});
    let changed = server.call(&bob, &update_method, &change).await;
    assert_eq!(
        changed.body["environmentVariable"]["repositoryPattern"],
        "o/*"
    );
    assert_eq!(changed.body["environmentVariable"]["name"], "COLOR");
    let resolved = server.call(&bob, &resolve_method, &resolve).await;
    assert_eq!(resolved.body, json!({}), "the pattern is of another owner");
    assert_eq!(
        server.call(&bob, &delete_method, &delete).await.code(),
        "ok"
    );
    assert!(names(&server, &bob).await.is_empty());
    let later = format!("{SERVICE}/ListOrganizationEnvironmentVariables");
    assert_eq!(
        server.call(&bob, &later, &json!({})).await.code(),
        "unimplemented"
    );
}
