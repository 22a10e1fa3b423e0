//! Connections to ports inside an instance.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::{Error, ErrorKind, InstanceId, Result};
use tokio::net::{TcpSocket, TcpStream};

use super::instances::{Instances, failed};
use super::link::Link;
use super::protocol::{Reply, Request};
use crate::BoxedIo;

/// Loopback answers at once; only a full backlog takes time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connects to `port` on the instance's loopback: the socket is made inside its network namespace, so nothing is in between.
pub(super) async fn dial(shared: &Arc<Instances>, id: InstanceId, port: u16) -> Result<BoxedIo> {
    let link = shared.reach(id).await?;
    let mut last = None;
    for address in [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ] {
        match connect(&link, address).await {
            Ok(stream) => return Ok(Box::pin(stream)),
            Err(error) => last = last.or(Some(error)),
        }
    }
    Err(last.unwrap_or_else(|| Error::unexpected("no address was tried")))
}

async fn connect(link: &Link, address: SocketAddr) -> Result<TcpStream> {
    let v6 = address.is_ipv6();
    let socket = match link.ask(&Request::Socket { v6 }, &[]).await? {
        Some((Reply::Done, mut fds)) => fds.pop(),
        _ => None,
    };
    let socket = socket
        .ok_or_else(|| Error::new(ErrorKind::FailedPrecondition, "the instance does not run"))?;
    let socket = TcpSocket::from_std_stream(std::net::TcpStream::from(socket));
    // Small messages in both directions are the rule here.
    socket
        .set_nodelay(true)
        .map_err(|e| failed("cannot set up a socket", e))?;
    let refused = |error: std::io::Error| {
        Error::new(ErrorKind::Unavailable, "nothing listens on that port")
            .with_context("port", address.port())
            .with_source(error)
    };
    match tokio::time::timeout(PATIENCE, socket.connect(address)).await {
        Ok(connected) => connected.map_err(refused),
        Err(_) => Err(Error::new(
            ErrorKind::Unavailable,
            "the port does not accept connections",
        )
        .with_context("port", address.port())),
    }
}
