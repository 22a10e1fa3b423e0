//! A way out to the network is one to the network, not to the node.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::instance::{InstanceSpec, Network};
use gitpod_core::{Error, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::case::{Bench, Need, PATIENCE, cases, check, until};

cases! {
    "egress::there_is_a_way_out" [Need::Exec, Need::Egress] => way_out;
    "egress::sockets_of_the_node_stay_unreachable" [Need::Exec, Need::Egress, Need::Isolation] => node;
    "egress::dial_works_beside_it" [Need::Exec, Need::Dial, Need::Egress] => dial;
    "egress::nothing_is_left_of_a_killed_instance" [Need::Exec, Need::Egress] => leftovers;
}

/// A running instance with a way out, and the address it is led to, which may appear after the start.
async fn linked(bench: &Bench) -> Result<(InstanceSpec, IpAddr)> {
    let mut spec = bench.spec(&["sleep"]);
    spec.network = Network::Egress;
    bench.runtime().ensure(&spec).await?;
    let gateway = until(PATIENCE, || async {
        let finished = bench.run(spec.id, &["print", "gateway"]).await?;
        Ok(finished.stdout.trim().parse().ok())
    })
    .await?;
    Ok((spec, gateway))
}

async fn way_out(bench: Arc<Bench>) -> Result<()> {
    let (_spec, gateway) = linked(&bench).await?;
    check(!gateway.is_unspecified() && !gateway.is_loopback(), || {
        format!("led to {gateway}")
    })
}

async fn node(bench: Arc<Bench>) -> Result<()> {
    let failed = |e: std::io::Error| Error::unexpected(e.to_string());
    let listener = TcpListener::bind("0.0.0.0:0").await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let (spec, gateway) = linked(&bench).await?;
    for address in [IpAddr::from(Ipv4Addr::LOCALHOST), gateway]
        .into_iter()
        .chain(own_address())
    {
        let target = SocketAddr::new(address, port).to_string();
        bench.run(spec.id, &["connect", &target]).await?;
        // What counts is who answers: networks have been seen in which somebody does for every address.
        let reached = timeout(Duration::from_millis(50), listener.accept()).await;
        check(reached.is_err(), || {
            format!("reached a socket of the node at {target}")
        })?;
    }
    Ok(())
}

/// The address by which this machine goes out itself, if it does. Sends nothing.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("198.51.100.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip())
}

async fn dial(bench: Arc<Bench>) -> Result<()> {
    let (spec, _gateway) = linked(&bench).await?;
    let runtime = bench.runtime();
    let _server = runtime
        .exec(spec.id, &bench.command(&["echo", "8080"]))
        .await?;
    let mut stream = until(PATIENCE, || async {
        Ok(runtime.dial(spec.id, 8080).await.ok())
    })
    .await?;
    let failed = |e: std::io::Error| Error::unexpected(e.to_string());
    stream.write_all(b"hello").await.map_err(failed)?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.map_err(failed)?;
    check(&answer == b"hello", || format!("answered {answer:?}"))
}

/// The suite compares what the harness sees before and after.
async fn leftovers(bench: Arc<Bench>) -> Result<()> {
    let (spec, _gateway) = linked(&bench).await?;
    bench.runtime().remove(spec.id).await?;
    let state = bench.runtime().inspect(spec.id).await?;
    check(state.is_none(), || format!("still {state:?}"))
}
