use std::collections::BTreeSet;

use gitpod_core::port::{PortChoice, PortSpec, ServedPort, settle, spec_of};

/// A port as clients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortView {
    pub(crate) port: ServedPort,
    /// Where a browser finds it; empty when the address of the workspace is not known.
    pub(crate) url: String,
}

/// Ports that are never a user's: the supervisor's own and those of the editor.
const INTERNAL: [u16; 9] = [
    22998, 22999, 23000, 23001, 23003, 24999, 25000, 25001, 25003,
];

/// What to show: every port that is served, every single one that is configured, and those that the owner chose something for.
pub(super) fn merge(
    served: &BTreeSet<u16>,
    specs: &[PortSpec],
    choices: &[PortChoice],
    own: &[u16],
    workspace_url: &str,
) -> Vec<PortView> {
    let configured = specs.iter().filter(|spec| spec.start == spec.end);
    let shown: BTreeSet<u16> = served
        .iter()
        .copied()
        .filter(|port| !INTERNAL.contains(port) && !own.contains(port))
        .chain(configured.map(|spec| spec.start))
        .collect();
    let port = |port: u16| {
        let unknown = PortSpec::new(port);
        let spec = spec_of(port, specs).unwrap_or(&unknown);
        ServedPort::new(port, served.contains(&port), spec)
    };
    let ports: Vec<_> = shown.into_iter().map(port).collect();
    settle(&ports, specs, choices)
        .into_iter()
        .map(|port| PortView {
            url: port_url(workspace_url, port.port),
            port,
        })
        .collect()
}

/// The port's host is the workspace's with the port in front.
fn port_url(workspace_url: &str, port: u16) -> String {
    workspace_url
        .split_once("://")
        .map(|(scheme, rest)| format!("{scheme}://{port}-{rest}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use gitpod_core::port::Visibility;

    use super::*;

    #[test]
    fn served_and_configured_ports_are_shown_once() {
        let mut named = PortSpec::new(3000);
        named.name = Some(String::from("web"));
        let mut range = PortSpec::new(8000);
        range.end = 8999;
        range.name = Some(String::from("range"));
        let served = BTreeSet::from([3000, 8080, 22999, 23000, 40000, 5555]);
        let views = merge(
            &served,
            &[range, named, PortSpec::new(9229)],
            &[],
            &[5555],
            "http://x.ws.localhost:80/",
        );
        let seen: Vec<_> = views
            .iter()
            .map(|view| (view.port.port, view.port.served, view.port.name.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                (3000, true, Some("web")),
                (8080, true, Some("range")),
                (9229, false, None),
                (40000, true, None),
            ]
        );
        assert_eq!(views[0].url, "http://3000-x.ws.localhost:80/");
    }
    #[test]
    fn what_the_owner_chose_is_shown_also_before_it_is_served() {
        let mut public = PortSpec::new(3000);
        public.visibility = Visibility::Public;
        let choice = |port, visibility| {
            let mut choice = PortChoice::new(port);
            choice.visibility = Some(visibility);
            choice
        };
        let choices = [
            choice(3000, Visibility::Private),
            choice(9000, Visibility::Public),
        ];
        let views = merge(&BTreeSet::from([3000]), &[public], &choices, &[], "");
        let seen: Vec<_> = views
            .iter()
            .map(|view| (view.port.port, view.port.served, view.port.visibility))
            .collect();
        assert_eq!(
            seen,
            [
                (3000, true, Visibility::Private),
                (9000, false, Visibility::Public)
            ]
        );
    }
}
