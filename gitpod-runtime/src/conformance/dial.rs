//! dial: a byte stream to a port inside.

use std::sync::Arc;

use gitpod_core::{Error, ErrorKind, InstanceId, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::case::{Bench, Need, PATIENCE, cases, check, refuses, until};
use crate::BoxedIo;

cases! {
    "dial::reaches_a_server_inside" [Need::Dial, Need::Processes] => echo;
    "dial::one_port_number_in_two_instances_is_two_ports" [Need::Dial, Need::Processes] => separate;
    "dial::nothing_listens_is_unavailable" [Need::Dial] => silent;
    "dial::needs_a_known_instance" [Need::Dial] => unknown;
}

const PORT: u16 = 8080;

async fn connected(bench: &Bench, id: InstanceId) -> Result<BoxedIo> {
    let runtime = bench.runtime();
    until(PATIENCE, || async {
        match runtime.dial(id, PORT).await {
            Ok(stream) => Ok(Some(stream)),
            Err(error) if error.kind() == ErrorKind::Unavailable => Ok(None),
            Err(error) => Err(error),
        }
    })
    .await
}

async fn echo(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.spec(&["echo", &PORT.to_string()]);
    bench.runtime().ensure(&spec).await?;
    let mut stream = connected(&bench, spec.id).await?;
    // More than any buffer on the way, so that both directions have to flow at once.
    let sent: Vec<u8> = (0..1_000_000_u32)
        .map(|i| u8::try_from(i % 251).unwrap_or_default())
        .collect();
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    let mut received = vec![0; sent.len()];
    let write = async {
        writer.write_all(&sent).await?;
        writer.flush().await
    };
    tokio::try_join!(write, async {
        reader.read_exact(&mut received).await.map(drop)
    })
    .map_err(|e| Error::unexpected("the stream broke").with_source(e))?;
    check(sent == received, || String::from("bytes came back changed"))
}

async fn separate(bench: Arc<Bench>) -> Result<()> {
    let served = bench.spec(&["echo", &PORT.to_string()]);
    bench.runtime().ensure(&served).await?;
    connected(&bench, served.id).await?;
    let other = bench.idle().await?;
    refuses(
        bench.runtime().dial(other.id, PORT).await,
        ErrorKind::Unavailable,
        "the other instance's port",
    )
}

async fn silent(bench: Arc<Bench>) -> Result<()> {
    let spec = bench.idle().await?;
    refuses(
        bench.runtime().dial(spec.id, PORT).await,
        ErrorKind::Unavailable,
        "a port nobody serves",
    )
}

async fn unknown(bench: Arc<Bench>) -> Result<()> {
    refuses(
        bench.runtime().dial(InstanceId::random(), PORT).await,
        ErrorKind::NotFound,
        "an unknown instance",
    )
}
