//! The network: out, but neither to the node nor to a neighbour.

use std::sync::Arc;
use std::time::Duration;

use gitpod_core::instance::{InstanceSpec, Network};
use gitpod_core::{InstanceId, Result};
use gitpod_runtime::sandbox::{SandboxConfig, SandboxRuntime};
use gitpod_runtime::{Process, WorkspaceRuntime as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::node::{NODE, SOMEBODY};
use crate::world::{PATIENCE, World};

crate::cases![
    loopback_alone_without_egress,
    egress_has_an_address_and_a_route,
    egress_reaches_neither_node_nor_neighbour,
    egress_leads_out_and_translates_names,
    dial_works_on_both_loopbacks,
    bridges_of_deleted_servers_are_removed,
];

fn egress(world: &World) -> InstanceSpec {
    assert!(
        world.runtime.info().capabilities.egress,
        "{:?}",
        world.runtime.info().missing
    );
    let mut spec = World::spec();
    spec.network = Network::Egress;
    spec
}

/// Waits until the instance is linked, which happens after its start; answers its address.
async fn linked(world: &World, id: InstanceId) -> String {
    let script = "ip -4 -o addr show dev eth0 | grep -o 'inet [0-9.]*' | cut -d' ' -f2";
    let wait = async {
        loop {
            let output = world.sh(id, script).await.unwrap();
            if output.out.contains('.')
                && world
                    .sh(id, "ip route | grep default")
                    .await
                    .unwrap()
                    .exit
                    .is_success()
            {
                return output.out.trim().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("it is linked")
}

/// Waits until a server says that it is up.
async fn assert_up(server: &mut Process) {
    let mut up = [0_u8; 2];
    let heard = server.stdout.as_mut().unwrap().read_exact(&mut up);
    let heard = tokio::time::timeout(PATIENCE, heard).await;
    heard.expect("the server comes up").unwrap();
    assert_eq!(&up, b"up");
}

async fn loopback_alone_without_egress(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    let output = world.sh(id, "ls /sys/class/net; ip route").await?;
    assert_eq!(output.out, "lo\n", "{output:?}");
    Ok(())
}

async fn egress_has_an_address_and_a_route(world: Arc<World>) -> Result<()> {
    let id = world.start(&egress(&world)).await?;
    let address = linked(&world, id).await;
    assert!(address.starts_with("10."), "{address}");
    // Through the node to another network of it: a packet filter that masquerades and forwards lets it out.
    let output = world.sh(id, "ip route get 192.0.2.1").await?;
    assert!(output.out.contains("via 10."), "{output:?}");
    Ok(())
}

async fn egress_reaches_neither_node_nor_neighbour(world: Arc<World>) -> Result<()> {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (a, b) = (
        world.start(&egress(&world)).await?,
        world.start(&egress(&world)).await?,
    );
    let neighbour = linked(&world, b).await;
    let own = linked(&world, a).await;
    let serve = format!(
        "python3 -m http.server 8080 --bind {neighbour} >/dev/null & until curl -s -o /dev/null -m 5 http://{neighbour}:8080/; do sleep 0.1; done; echo up"
    );
    let mut server =
        gitpod_runtime::Command::new(["/bin/sh", "-c", &format!("{serve}; sleep infinity")]);
    server.pty = None;
    let mut server = world.runtime.exec(b, &server).await?;
    assert_up(&mut server).await;
    let gateway = "$(ip route | grep -o 'default via [0-9.]*' | cut -d' ' -f3)";
    for target in [format!("{neighbour}:8080"), format!("{gateway}:{port}")] {
        let output = world
            .sh(a, &format!("curl -s -m 2 http://{target}/"))
            .await?;
        assert!(
            !output.exit.is_success(),
            "{own} reached {target}: {output:?}"
        );
    }
    Ok(())
}

/// Without root, on a node made for it.
async fn egress_leads_out_and_translates_names(world: Arc<World>) -> Result<()> {
    let listener = TcpListener::bind("0.0.0.0:8080").await.unwrap();
    let id = world.start(&egress(&world)).await?;
    linked(&world, id).await;
    let out = "curl -sS -o /dev/null -w '%{http_code}' -m 20";
    for target in [SOMEBODY.to_string(), String::from("somebody.example")] {
        // The server out there may still be coming up.
        let script = format!("until {out} http://{target}:8080/; do sleep 0.1; done");
        let output = world.sh(id, &script).await?;
        assert!(output.out.ends_with("200"), "{target}: {output:?}");
    }
    // The same port of the node's own address and of its loopback, where the name server listens, too.
    for target in [format!("{NODE}:8080"), String::from("127.0.0.1:8080")] {
        let output = world.sh(id, &format!("{out} http://{target}/")).await?;
        assert!(!output.exit.is_success(), "{target}: {output:?}");
    }
    let reached = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(reached.is_err(), "{reached:?}");
    Ok(())
}

async fn dial_works_on_both_loopbacks(world: Arc<World>) -> Result<()> {
    let id = world.start(&World::spec()).await?;
    for (port, address) in [(7001, "127.0.0.1"), (7002, "::1")] {
        let script = format!(
            "import socket\ns = socket.create_server(('{address}', {port}), family=socket.AF_INET6 if ':' in '{address}' else socket.AF_INET)\nprint('up', flush=True)\nc = s.accept()[0]\nc.sendall(c.recv(100).upper())"
        );
        let command = gitpod_runtime::Command::new(["/usr/bin/python3", "-c", &script]);
        let mut server = world.runtime.exec(id, &command).await?;
        assert_up(&mut server).await;
        let mut stream = world.runtime.dial(id, port).await?;
        stream.write_all(b"hello").await.unwrap();
        let mut answer = [0_u8; 5];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HELLO");
    }
    Ok(())
}

async fn bridges_of_deleted_servers_are_removed(world: Arc<World>) -> Result<()> {
    let state = world.path().join("deleted");
    let links = |what: &str| -> bool {
        let output = std::process::Command::new("ip")
            .arg("link")
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).contains(what)
    };
    let deleted = SandboxRuntime::open(SandboxConfig::new(&state)).await?;
    drop(deleted);
    let label = format!("alias {}", state.display());
    assert!(links(&label), "the bridge is labelled");
    std::fs::remove_dir_all(&state).unwrap();
    let next = SandboxRuntime::open(SandboxConfig::new(world.path().join("next"))).await?;
    assert!(!links(&label), "the bridge is gone");
    next.purge().await
}
