use gitpod_core::WorkspaceId;
use gitpod_core::port::{Protocol, ServedPort, Visibility};

use crate::proxy::Hosts;

/// A port, for people.
#[derive(Debug, Clone)]
pub(crate) struct PortRow {
    pub(crate) port: u16,
    pub(crate) name: String,
    pub(crate) served: bool,
    pub(crate) public: bool,
    /// Whether the program on it speaks HTTPS.
    pub(crate) https: bool,
    /// Opens it: through the hand-off when it is private, directly when it is public.
    pub(crate) link: String,
    /// Its address, to copy.
    pub(crate) address: String,
}

impl PortRow {
    pub(crate) fn of(hosts: &Hosts, workspace: &WorkspaceId, port: &ServedPort) -> Self {
        let address = hosts.port_url(workspace, port.port);
        let public = port.visibility == Visibility::Public;
        let name = port
            .name
            .as_deref()
            .or(port.description.as_deref())
            .unwrap_or_default();
        Self {
            port: port.port,
            name: name.to_owned(),
            served: port.served,
            public,
            https: port.protocol == Protocol::Https,
            link: if public {
                address.clone()
            } else {
                format!("/open/{workspace}?port={}", port.port)
            },
            address,
        }
    }
}
