use std::net::{IpAddr, Ipv4Addr};

use futures::TryStreamExt as _;
use gitpod_core::{Error, ErrorKind, Result};
use rtnetlink::Handle;
use rtnetlink::packet_route::address::AddressAttribute;

use super::failed;
use crate::sandbox::config::SandboxConfig;
use crate::sandbox::naming::Naming;

/// An IPv4 network: the first address is the gateway's, the following ones are the slots'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) struct Subnet {
    network: u32,
    prefix: u8,
}

impl Subnet {
    /// Parses `10.224.0.0/20`.
    pub(in crate::sandbox) fn parse(text: &str) -> Result<Self> {
        let parsed = text.split_once('/').and_then(|(address, prefix)| {
            let network = u32::from(address.parse::<Ipv4Addr>().ok()?);
            let prefix = prefix
                .parse()
                .ok()
                .filter(|prefix| (8..=28).contains(prefix))?;
            let subnet = Self { network, prefix };
            (network & !subnet.mask() == 0).then_some(subnet)
        });
        parsed.ok_or_else(|| {
            Error::new(ErrorKind::ConfigInvalid, "not an IPv4 network")
                .with_context("subnet", text)
                .with_hint("use one such as 10.224.0.0/20, with a prefix between 8 and 28")
        })
    }

    fn mask(self) -> u32 {
        u32::MAX << (32 - u32::from(self.prefix))
    }

    pub(in crate::sandbox) fn prefix(self) -> u8 {
        self.prefix
    }

    pub(in crate::sandbox) fn gateway(self) -> Ipv4Addr {
        Ipv4Addr::from(self.network + 1)
    }

    /// Its first address, which names it.
    pub(in crate::sandbox) fn address(self) -> Ipv4Addr {
        Ipv4Addr::from(self.network)
    }

    /// The address of the instance in `slot`.
    pub(in crate::sandbox) fn of_slot(self, slot: u32) -> Ipv4Addr {
        Ipv4Addr::from(self.network + 2 + slot)
    }

    /// How many slots have an address.
    pub(in crate::sandbox) fn slots(self) -> u32 {
        (!self.mask()).saturating_sub(2)
    }

    fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & self.mask() == self.network
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.network), self.prefix)
    }
}

impl Subnet {
    /// The configured network, or one that none of `taken` is in. For instances that are alone in their network.
    pub(in crate::sandbox) fn unused(
        config: &SandboxConfig,
        naming: Naming,
        taken: &[Ipv4Addr],
    ) -> Result<Self> {
        if let Some(text) = &config.subnet {
            return Self::parse(text);
        }
        let free = |subnet: &Self| !taken.iter().any(|address| subnet.contains(*address));
        candidates(naming).find(free).ok_or_else(none_is_free)
    }
}

/// Networks to choose from.
fn candidates(naming: Naming) -> impl Iterator<Item = Subnet> {
    (0..64).filter_map(move |attempt| Subnet::parse(&naming.subnet(attempt)).ok())
}

fn none_is_free() -> Error {
    Error::new(
        ErrorKind::FailedPrecondition,
        "no free IPv4 network for instances",
    )
    .with_hint("set `subnet` of the sandbox")
}

/// The configured network, the one the bridge has, or a free one; the bridge has it afterwards.
pub(super) async fn choose(
    handle: &Handle,
    bridge: u32,
    config: &SandboxConfig,
    naming: Naming,
) -> Result<Subnet> {
    let addresses = addresses(handle).await?;
    let on_bridge = |subnet: &Subnet| addresses.contains(&(bridge, subnet.gateway()));
    let free = |subnet: &Subnet| !addresses.iter().any(|(_, taken)| subnet.contains(*taken));
    let subnet = if let Some(text) = &config.subnet {
        Subnet::parse(text)?
    } else {
        let candidates: Vec<_> = candidates(naming).collect();
        let known = candidates.iter().find(|subnet| on_bridge(subnet));
        known
            .or_else(|| candidates.iter().find(|subnet| free(subnet)))
            .copied()
            .ok_or_else(none_is_free)?
    };
    if subnet.slots() < config.most_instances {
        return Err(
            Error::new(ErrorKind::ConfigInvalid, "the subnet is too small")
                .with_context("subnet", subnet)
                .with_context("most_instances", config.most_instances)
                .with_hint("choose a larger `subnet` or fewer `most_instances`"),
        );
    }
    if !on_bridge(&subnet) {
        handle
            .address()
            .add(bridge, IpAddr::V4(subnet.gateway()), subnet.prefix())
            .execute()
            .await
            .map_err(|e| failed("cannot give the bridge its address", e))?;
    }
    Ok(subnet)
}

pub(super) async fn addresses(handle: &Handle) -> Result<Vec<(u32, Ipv4Addr)>> {
    let messages: Vec<_> = handle
        .address()
        .get()
        .execute()
        .try_collect()
        .await
        .map_err(|e| failed("cannot list addresses", e))?;
    let of = |attribute: &AddressAttribute| match attribute {
        AddressAttribute::Address(IpAddr::V4(address)) => Some(*address),
        _ => None,
    };
    Ok(messages
        .iter()
        .filter_map(|message| {
            let address = message.attributes.iter().find_map(of)?;
            Some((message.header.index, address))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_have_addresses_of_their_own() {
        let subnet = Subnet::parse("10.224.16.0/20").unwrap();
        assert_eq!(subnet.gateway(), Ipv4Addr::new(10, 224, 16, 1));
        assert_eq!(subnet.of_slot(300), Ipv4Addr::new(10, 224, 17, 46));
        assert!(subnet.contains(subnet.of_slot(4000)));
        for bad in ["10.0.0.1/20", "10.0.0.0", "10.0.0.0/30", "x/20"] {
            assert!(Subnet::parse(bad).is_err(), "{bad}");
        }
    }
}
