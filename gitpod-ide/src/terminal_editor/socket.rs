//! One WebSocket, one terminal.
//!
//! Binary messages carry the terminal's bytes in both directions. Text messages are JSON: `{"type":"resize","cols":80,"rows":24}`
//! from the page; `{"type":"title","title":"…"}` and, as the last one, `{"type":"exit","code":0}` to the page.

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use gitpod_core::proto::supervisor::ListenTerminalResponse;
use gitpod_core::proto::supervisor::listen_terminal_response::Output;
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::api::{Refusal, refusal};
use super::link::Link;

/// A paste is cut into pieces of this size by no browser, but nothing bigger is needed at once.
const MAX_MESSAGE: usize = 1 << 20;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum FromPage {
    Resize { cols: u16, rows: u16 },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ToPage {
    Title { title: String },
    Exit { code: i32 },
}

pub(super) async fn upgrade(
    State(link): State<Link>,
    Path(alias): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    // Before the upgrade, so that an unknown terminal is a plain 404.
    let output = link.listen(alias.clone()).await.map_err(refusal)?;
    Ok(upgrade
        .max_message_size(MAX_MESSAGE)
        .on_upgrade(move |socket| async move {
            if let Err(error) = join(socket, output, &link, &alias).await {
                tracing::debug!(alias, %error, "a terminal's connection ended");
            }
        }))
}

/// Carries bytes until one side ends. Both directions wait for each other's writes: a page that reads slowly slows its own
/// stream only, and the supervisor drops streams that fall behind.
async fn join(
    mut socket: WebSocket,
    mut output: tonic::Streaming<ListenTerminalResponse>,
    link: &Link,
    alias: &str,
) -> Result<(), axum::Error> {
    loop {
        tokio::select! {
            said = output.message() => match said {
                Ok(Some(said)) => match said.output {
                    Some(Output::Data(bytes)) => socket.send(Message::Binary(bytes)).await?,
                    Some(Output::Title(title)) => tell(&mut socket, &ToPage::Title { title }).await?,
                    Some(Output::ExitCode(code)) => {
                        tell(&mut socket, &ToPage::Exit { code }).await?;
                        return socket.send(Message::Close(None)).await;
                    }
                    None => {}
                },
                // The page connects again and gets what it missed.
                Ok(None) | Err(_) => return socket.send(Message::Close(None)).await,
            },
            message = socket.recv() => match message {
                Some(Ok(message)) => {
                    if let Err(status) = heed(message, link, alias).await {
                        tracing::debug!(alias, %status, "a terminal did not take its input");
                    }
                }
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
        }
    }
}

async fn heed(message: Message, link: &Link, alias: &str) -> Result<(), Status> {
    match message {
        Message::Binary(bytes) => link.write(alias, bytes).await,
        Message::Text(text) => match serde_json::from_str(&text) {
            Ok(FromPage::Resize {
                cols: cols @ 1..,
                rows: rows @ 1..,
            }) => link.resize(alias, cols, rows).await,
            Ok(FromPage::Resize { .. }) | Err(_) => {
                Err(Status::invalid_argument("not a message of the page"))
            }
        },
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(()),
    }
}

async fn tell(socket: &mut WebSocket, message: &ToPage) -> Result<(), axum::Error> {
    let text = serde_json::to_string(message).map_err(axum::Error::new)?;
    socket.send(Message::text(text)).await
}
