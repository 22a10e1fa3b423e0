//! The way out: a bridge per server, a link per instance, and rules that let instances out and nowhere else.
//!
//! Ports of the bridge are isolated, so instances cannot reach each other even without a rule; the rules keep them from the
//! node's own services and from networks named in the configuration. Links are never deleted: they go with the instance's
//! network namespace, which the kernel does in the background.

mod nat;
mod stale;
mod subnet;

pub(super) use subnet::Subnet;

use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd as _, OwnedFd};

use futures::TryStreamExt as _;
use gitpod_core::{Error, ErrorKind, Result};
use rtnetlink::packet_route::link::{InfoBridgePort, InfoData, InfoKind, InfoVeth, LinkMessage};
use rtnetlink::{Handle, LinkBridge, LinkBridgePort, LinkMessageBuilder, LinkUnspec, LinkVeth};

use super::config::SandboxConfig;
use super::naming::Naming;
use super::protocol::Link;

/// The interface's name inside.
pub(super) const INSIDE: &str = "eth0";

/// The node's side of the instances' network.
#[derive(Debug)]
pub(super) struct Egress {
    naming: Naming,
    subnet: Subnet,
    bridge: u32,
}

impl Egress {
    /// Sets up bridge, rules and forwarding, or finds them set up.
    pub(super) async fn open(config: &SandboxConfig, naming: Naming) -> Result<Self> {
        let handle = connect()?;
        let bridge = if let Some(bridge) = index(&handle, &naming.bridge()).await? {
            bridge
        } else {
            stale::remove(&handle).await?;
            make_bridge(&handle, naming).await?
        };
        if let Ok(state) = config.state_dir.canonicalize() {
            stale::label(&handle, bridge, &state).await?;
        }
        let subnet = subnet::choose(&handle, bridge, config, naming).await?;
        let message = LinkUnspec::new_with_index(bridge).up().build();
        handle
            .link()
            .set(message)
            .execute()
            .await
            .map_err(|e| failed("cannot switch on the bridge", e))?;
        nat::apply(naming, subnet, &config.denied_networks).await?;
        nat::forward(naming)?;
        Ok(Self {
            naming,
            subnet,
            bridge,
        })
    }

    /// Links the instance in `slot`, whose network namespace is `network`, with the bridge. What is left to do inside is
    /// the answer.
    pub(super) async fn attach(&self, slot: u32, network: OwnedFd) -> Result<Link> {
        let handle = connect()?;
        let name = self.naming.interface(slot);
        self.remove_stale(&handle, &name).await?;
        let peer = LinkMessageBuilder::<LinkUnspec>::new()
            .name(INSIDE)
            .setns_by_fd(network.as_raw_fd())
            .build();
        let message = LinkMessageBuilder::<LinkVeth>::new_with_info_kind(InfoKind::Veth)
            .name(name.clone())
            .set_info_data(InfoData::Veth(InfoVeth::Peer(peer)))
            .controller(self.bridge)
            .up()
            .build();
        handle
            .link()
            .add(message)
            .execute()
            .await
            .map_err(|e| failed("cannot make a network link", e))?;
        let port = index(&handle, &name)
            .await?
            .ok_or_else(|| Error::not_found("the network link is gone again"))?;
        let message = LinkBridgePort::new(port)
            .append_info_data(InfoBridgePort::Isolated(true))
            .build();
        handle
            .link()
            .set_port(message)
            .execute()
            .await
            .map_err(|e| failed("cannot isolate a network link", e))?;
        Ok(Link {
            interface: INSIDE.to_owned(),
            address: self.subnet.of_slot(slot),
            prefix: self.subnet.prefix(),
            gateway: self.subnet.gateway(),
        })
    }

    /// The kernel may not be done yet with the last instance of this slot.
    async fn remove_stale(&self, handle: &Handle, name: &str) -> Result<()> {
        let Some(stale) = index(handle, name).await? else {
            return Ok(());
        };
        match handle.link().del(stale).execute().await {
            Ok(()) => Ok(()),
            Err(error) => match index(handle, name).await? {
                None => Ok(()),
                Some(_) => Err(failed("cannot remove a stale network link", error)),
            },
        }
    }

    /// Removes bridge and rules. No instance may need them any more.
    pub(super) async fn remove(naming: Naming) -> Result<()> {
        let handle = connect()?;
        if let Some(bridge) = index(&handle, &naming.bridge()).await? {
            handle
                .link()
                .del(bridge)
                .execute()
                .await
                .map_err(|e| failed("cannot remove the bridge", e))?;
        }
        nat::remove(naming).await
    }
}

async fn make_bridge(handle: &Handle, naming: Naming) -> Result<u32> {
    let made = handle
        .link()
        .add(LinkBridge::new(&naming.bridge()).build())
        .execute()
        .await;
    // Without IPv6 there is no address on it that the rules would have to know.
    let setting = format!("/proc/sys/net/ipv6/conf/{}/disable_ipv6", naming.bridge());
    let _ = std::fs::write(setting, "1");
    match index(handle, &naming.bridge()).await? {
        Some(bridge) => Ok(bridge),
        None => Err(made.map_or_else(
            |e| failed("cannot make a bridge", e),
            |()| Error::not_found("the bridge is gone again"),
        )),
    }
}

/// The node's IPv4 addresses. Anybody may ask for them.
pub(super) async fn node_addresses() -> Result<Vec<Ipv4Addr>> {
    let addresses = subnet::addresses(&connect()?).await?;
    Ok(addresses.into_iter().map(|(_, address)| address).collect())
}

async fn index(handle: &Handle, name: &str) -> Result<Option<u32>> {
    let mut links = handle.link().get().match_name(name.to_owned()).execute();
    match links.try_next().await {
        Ok(link) => Ok(link.map(|link: LinkMessage| link.header.index)),
        Err(rtnetlink::Error::NetlinkError(error)) if error.raw_code() == -libc::ENODEV => Ok(None),
        Err(error) => Err(failed("cannot look for a network link", error)),
    }
}

/// A short-lived conversation with the kernel: sockets are cheap, and an idle one would have to be watched.
fn connect() -> Result<Handle> {
    let (connection, handle, _) = rtnetlink::new_connection()
        .map_err(|e| super::instances::failed("cannot open netlink", e))?;
    tokio::spawn(connection);
    Ok(handle)
}

fn failed(what: &'static str, error: rtnetlink::Error) -> Error {
    let kind = match &error {
        rtnetlink::Error::NetlinkError(error)
            if [-libc::EPERM, -libc::EACCES].contains(&error.raw_code()) =>
        {
            ErrorKind::PermissionDenied
        }
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, what).with_source(error)
}
