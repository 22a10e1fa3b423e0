//! A service of yours with the platform inside: your routes beside its API, dashboard and workspaces.
//!
//! `cargo run -p examples --example embed_in_axum` asks itself and ends; `… -- --serve` stays.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::routing::get;
use gitpod_core::store::{Role, TokenKind, User};
use gitpod_core::{OrganizationId, UserId};
use gitpod_server::{Platform, auth};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let public_url = format!("http://localhost:{}", address.port());

    let platform = Platform::in_memory_builder()
        .public_url(public_url.parse()?)
        .build()?;
    let running = platform.spawn();

    // Users are yours to make; here one administrator with a token for API and CLI.
    let now = platform.clock().now();
    let (id, organization) = (UserId::random(), OrganizationId::random());
    let user = User::new(id, organization, "ada", Role::Admin, now);
    let identities = platform.identities();
    identities.put_user(&user).await?;
    let token = auth::issue(
        &**identities,
        user.id,
        TokenKind::Personal,
        "first",
        now,
        None,
    )
    .await?;

    // Your routes come first, the platform answers what they do not.
    let own = Router::new().route("/hello", get(async || "hello from my own service"));
    let service = platform.mount(own)?;
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(async move { axum::serve(listener, service).await });

    if std::env::args().any(|argument| argument == "--serve") {
        println!("{public_url}/login (token: {})", token.expose());
        serving.await??;
    } else {
        for (path, expected) in [
            ("/hello", "my own service"),
            ("/healthz", "ok"),
            ("/login", "<html"),
        ] {
            let answer = ask(address, &format!("GET {path}"), "", token.expose()).await?;
            ensure!(
                answer.starts_with("HTTP/1.1 200") && answer.contains(expected),
                "{path}: {answer}"
            );
        }
        let who = "POST /gitpod.v1.UserService/GetAuthenticatedUser";
        let answer = ask(address, who, "{}", token.expose()).await?;
        ensure!(answer.contains(r#""name":"ada""#), "{answer}");
        println!("my own service, the dashboard and the public API answer on {public_url}");
    }
    running.drain().await;
    Ok(())
}

async fn ask(to: SocketAddr, request: &str, body: &str, token: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(to).await?;
    let request = format!(
        "{request} HTTP/1.1\r\nhost: localhost:{}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        to.port(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .context("the answer ends early")?;
    Ok(answer)
}
