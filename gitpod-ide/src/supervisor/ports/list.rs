use std::collections::BTreeSet;

use gitpod_core::port::{PortSpec, ServedPort};

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

/// What to show: every port that is served, and every single one that is configured.
pub(super) fn merge(
    served: &BTreeSet<u16>,
    specs: &[PortSpec],
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
    let view = |port: u16| PortView {
        port: ServedPort::new(port, served.contains(&port), &spec_of(port, specs)),
        url: port_url(workspace_url, port),
    };
    shown.into_iter().map(view).collect()
}

/// A single port's own entry comes before a range's.
fn spec_of(port: u16, specs: &[PortSpec]) -> PortSpec {
    let covers = |spec: &&PortSpec| (spec.start..=spec.end).contains(&port);
    let single = specs
        .iter()
        .find(|spec| spec.start == port && spec.end == port);
    single
        .or_else(|| specs.iter().find(covers))
        .cloned()
        .unwrap_or_else(|| PortSpec::new(port))
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
}
