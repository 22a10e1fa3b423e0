//! The way out to the network without root: `pasta` (of the package `passt`), one process per instance.
//!
//! It has sockets on the node's side and a network interface inside the instance, and translates between the two; no privilege
//! is needed for either. Connections lead out only: nothing of the node's loopback is passed through, in either direction, and
//! addresses of the node are unreachable from inside by routes that nobody inside may change. Name servers are the exception:
//! questions to an address inside are passed on to the node's own, which may well be on its loopback.

mod rehearsal;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use gitpod_core::Result;

use super::config::SandboxConfig;
use super::naming::Naming;
use super::network::{INSIDE, Subnet, node_addresses};
use super::protocol::WayOut;

pub(super) use rehearsal::rehearse;

/// How instances get out.
#[derive(Debug)]
pub(super) struct Pasta {
    program: PathBuf,
    subnet: Subnet,
    denied: Vec<Subnet>,
    /// Whether questions to [`Self::name_server`] are passed on.
    forwards_names: bool,
}

impl Pasta {
    /// The way out by `program`.
    ///
    /// # Errors
    /// `ConfigInvalid` for networks that are none.
    pub(super) async fn open(
        program: PathBuf,
        config: &SandboxConfig,
        naming: Naming,
    ) -> Result<Self> {
        let subnet = Subnet::unused(config, naming, &node_addresses().await?)?;
        let denied = config.denied_networks.iter();
        Ok(Self {
            program,
            subnet,
            denied: denied
                .map(|text| Subnet::parse(text))
                .collect::<Result<_>>()?,
            forwards_names: config.name_servers.is_empty(),
        })
    }

    /// Where instances ask for names, unless the configuration says so.
    pub(super) fn name_server(&self) -> Option<Ipv4Addr> {
        self.forwards_names.then(|| self.subnet.of_slot(1))
    }

    /// What a shim has to know to give its instance a way out.
    pub(super) async fn order(&self) -> Result<WayOut> {
        let node = node_addresses().await?;
        let closed = node
            .into_iter()
            .filter(|address| !address.is_loopback())
            .map(|address| (address, 32))
            .chain(self.denied.iter().map(|net| (net.address(), net.prefix())));
        Ok(WayOut {
            argv: self.argv(),
            closed: closed.collect(),
        })
    }

    fn argv(&self) -> Vec<String> {
        let mut argv = arguments(&self.program, self.subnet);
        if let Some(server) = self.name_server() {
            argv.extend([String::from("--dns-forward"), server.to_string()]);
        }
        // The namespaces are its standard streams: descriptors that every version leaves open.
        let namespaces = [
            "--no-netns-quit",
            "--userns",
            "/proc/self/fd/0",
            "--netns",
            "/proc/self/fd/1",
        ];
        argv.extend(namespaces.map(String::from));
        argv
    }
}

/// The program with what instances and rehearsals have in common.
fn arguments(program: &Path, subnet: Subnet) -> Vec<String> {
    let mut argv = vec![program.display().to_string()];
    let fixed = [
        "--quiet",
        "--foreground",
        "--ipv4-only",
        "--config-net",
        // The gateway's address is not the node's loopback, and no port of either side is one of the other's.
        "--no-map-gw",
        "--tcp-ports",
        "none",
        "--udp-ports",
        "none",
        "--tcp-ns",
        "none",
        "--udp-ns",
        "none",
        "--no-dhcp",
        "--ns-ifname",
        INSIDE,
    ];
    argv.extend(fixed.map(String::from));
    for (option, value) in [
        ("--address", subnet.of_slot(0).to_string()),
        ("--netmask", subnet.prefix().to_string()),
        ("--gateway", subnet.gateway().to_string()),
    ] {
        argv.extend([String::from(option), value]);
    }
    argv
}

/// The program, where it is installed.
pub(super) fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from))
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join("pasta"))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_node_is_passed_through() {
        let pasta = Pasta {
            program: PathBuf::from("/usr/bin/pasta"),
            subnet: Subnet::parse("10.224.16.0/20").unwrap(),
            denied: Vec::new(),
            forwards_names: true,
        };
        let argv = pasta.argv().join(" ");
        for part in [
            "--no-map-gw",
            "--tcp-ports none --udp-ports none --tcp-ns none --udp-ns none",
            "--address 10.224.16.2 --netmask 20 --gateway 10.224.16.1",
            "--dns-forward 10.224.16.3",
        ] {
            assert!(argv.contains(part), "{argv}");
        }
    }
}
