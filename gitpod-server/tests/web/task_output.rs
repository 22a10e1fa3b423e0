//! The output of tasks, streamed from the supervisor.

use axum::body::Body;
use gitpod_core::task::{TaskState, TaskStatus};
use gitpod_core::workspace::Workspace;
use http::StatusCode;
use http_body_util::BodyExt as _;

use super::client::get;
use super::inside::serve;
use super::world::World;

/// A gRPC message of `ListenTerminalResponse { data }`: length-prefixed, field 1.
fn output(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let mut frame = vec![0, 0, 0, 0, length + 2, 0x0a, length];
    frame.extend_from_slice(text.as_bytes());
    frame
}

#[tokio::test]
async fn output_of_a_task_streams_to_its_owner() {
    let world = World::new().await;
    let host = world.platform_host();
    let inside = world.workspace().await;
    let (asked, mut path) = tokio::sync::mpsc::channel(1);
    let supervisor = axum::Router::new().fallback(move |request: axum::extract::Request| {
        let asked = asked.clone();
        async move {
            asked.send(request.uri().path().to_owned()).await.unwrap();
            let mut trailers = http::HeaderMap::new();
            trailers.insert("grpc-status", "0".parse().unwrap());
            let bytes = [output("building\n"), output("\u{1b}[32mserving\u{1b}[0m\n")].concat();
            let body = http_body_util::Full::<bytes::Bytes>::from(bytes)
                .with_trailers(async move { Some(Ok(trailers)) });
            ([("content-type", "application/grpc")], Body::new(body))
        }
    });
    serve(&world, &inside, 22999, supervisor);
    let mut task = TaskStatus::new("0", "Web", TaskState::Running);
    task.terminal = Some(String::from("t1"));
    world
        .said
        .send_modify(|facts| facts.tasks = Some(vec![task]));
    let has_tasks = |w: &Workspace| {
        w.status
            .instance
            .as_ref()
            .is_some_and(|i| !i.tasks.is_empty())
    };
    world.until_it(&inside.id, has_tasks).await;

    let owner = world.session(&world.owner).await;
    let page = get(
        world.address,
        &host,
        &format!("/workspaces/{}", inside.id),
        &[("cookie", &owner)],
    )
    .await;
    let address = format!("/workspaces/{}/tasks/0/log", inside.id);
    assert!(
        page.text.contains(&format!("data-log=\"{address}\"")),
        "{}",
        page.text
    );
    let log = get(world.address, &host, &address, &[("cookie", &owner)]).await;
    assert_eq!(
        (log.status, log.header("content-type")),
        (StatusCode::OK, "text/plain; charset=utf-8")
    );
    assert_eq!(log.text, "building\n\u{1b}[32mserving\u{1b}[0m\n");
    assert_eq!(
        path.recv().await.unwrap(),
        "/supervisor.TerminalService/Listen"
    );

    let missing = get(
        world.address,
        &host,
        &address.replace("/0/", "/7/"),
        &[("cookie", &owner)],
    )
    .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
