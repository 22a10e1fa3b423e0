//! What is served.

use std::collections::{BTreeMap, BTreeSet};

use super::Devcontainer;
use super::run_args::Argument;
use crate::devcontainer::model::{
    AutoForward, ForwardPort, OneOrMany, PortAttributes, PublishedPort,
};
use crate::devcontainer::notice::Notices;
use crate::devcontainer::places::below;
use crate::gitpod_yml::{GitpodYml, Port, PortRange};
use crate::port::{OnOpen, Protocol};

pub(super) fn apply(
    file: &Devcontainer,
    arguments: &[Argument<'_>],
    config: &mut GitpodYml,
    notices: &mut Notices<'_>,
) {
    let (singles, ranges) = attributes(file, notices);
    let others = file.other_ports_attributes.as_ref();
    let mut numbers = forwarded(file, notices);
    numbers.extend(published(file, arguments, notices));
    numbers.extend(singles.keys());
    let mut ports: Vec<Port> = Vec::new();
    let mut known = BTreeSet::new();
    for number in numbers {
        if !known.insert(number) {
            continue;
        }
        let covers = |(range, _): &&(PortRange, &PortAttributes)| {
            (range.start..=range.end).contains(&number)
        };
        let own = singles.get(&number).copied();
        let around = || {
            ranges
                .iter()
                .find(covers)
                .map(|(_, attributes)| *attributes)
        };
        let range = PortRange {
            start: number,
            end: number,
        };
        ports.push(port(range, own.or_else(around).or(others)));
    }
    // The first range that covers a port counts, and a port's own entry before all of them.
    ports.extend(ranges.iter().map(|(range, of)| port(*range, Some(of))));
    if let Some(others) = others {
        report("otherPortsAttributes", others, notices);
        // A label alone is for the ports that are known; it needs no entry for all the others.
        if others.on_auto_forward.is_some() || others.protocol.is_some() {
            let every = PortRange {
                start: 1,
                end: u16::MAX,
            };
            ports.push(port(every, Some(others)));
        }
    }
    config.ports = ports;
}

fn port(range: PortRange, attributes: Option<&PortAttributes>) -> Port {
    let on_open = attributes.and_then(|attributes| attributes.on_auto_forward);
    let protocol = attributes.and_then(|attributes| attributes.protocol);
    Port {
        port: range,
        on_open: on_open.map(|action| match action {
            AutoForward::Notify => OnOpen::Notify,
            AutoForward::OpenBrowser | AutoForward::OpenBrowserOnce => OnOpen::OpenBrowser,
            AutoForward::OpenPreview => OnOpen::OpenPreview,
            AutoForward::Silent => OnOpen::Ignore,
            AutoForward::Ignore => OnOpen::IgnoreCompletely,
        }),
        visibility: None,
        name: attributes.and_then(|attributes| attributes.label.clone()),
        description: None,
        protocol: protocol.map(|protocol| match protocol {
            "https" => Protocol::Https,
            _ => Protocol::Http,
        }),
    }
}

type Singles<'f> = BTreeMap<u16, &'f PortAttributes>;
type Ranges<'f> = Vec<(PortRange, &'f PortAttributes)>;

/// Attributes of single ports and of ranges.
fn attributes<'f>(file: &'f Devcontainer, notices: &mut Notices<'_>) -> (Singles<'f>, Ranges<'f>) {
    let (mut singles, mut ranges) = (Singles::new(), Ranges::new());
    for (key, attributes) in &file.ports_attributes {
        let property = below("portsAttributes", key);
        let own = own_port(key).or_else(|| number(key));
        let ends = key
            .split_once('-')
            .and_then(|(a, b)| Some((number(a)?, number(b)?)));
        match (own, ends) {
            (Some(port), _) => {
                singles.entry(port).or_insert(attributes);
            }
            (None, Some((start, end))) if start <= end => {
                ranges.push((PortRange { start, end }, attributes));
            }
            _ => {
                let instead = "ports are known here by number or range of numbers alone";
                notices.ignored(property, instead);
                continue;
            }
        }
        report(&property, attributes, notices);
    }
    (singles, ranges)
}

/// Says what of a port's attributes is different here.
fn report(property: &str, attributes: &PortAttributes, notices: &mut Notices<'_>) {
    if attributes.on_auto_forward == Some(AutoForward::OpenBrowserOnce) {
        let instead = "a browser tab opens whenever the port begins to be served";
        notices.adapted(below(property, "onAutoForward"), instead);
    }
    for (asked, name) in [
        (attributes.require_local_port, "requireLocalPort"),
        (attributes.elevate_if_needed, "elevateIfNeeded"),
    ] {
        if asked == Some(true) {
            let instead = "no port of your machine is taken: each port has an address of its own, with its number in it";
            notices.adapted(below(property, name), instead);
        }
    }
}

fn forwarded(file: &Devcontainer, notices: &mut Notices<'_>) -> Vec<u16> {
    let mut ports = Vec::new();
    for (index, port) in file.forward_ports.iter().enumerate() {
        match port {
            ForwardPort::Number(port) => ports.push(*port),
            ForwardPort::Address(address) => {
                let own = own_port(address);
                if own.is_none() {
                    let instead = "only ports of the workspace itself are served";
                    notices.ignored(format!("forwardPorts[{index}]"), instead);
                }
                ports.extend(own);
            }
        }
    }
    ports
}

/// Ports of `appPort` and of `--publish`.
fn published(
    file: &Devcontainer,
    arguments: &[Argument<'_>],
    notices: &mut Notices<'_>,
) -> Vec<u16> {
    let mut ports = Vec::new();
    let entries = file.app_port.iter().flat_map(OneOrMany::as_slice);
    for entry in entries {
        match entry {
            PublishedPort::Number(port) => ports.push(*port),
            PublishedPort::Mapping(text) => mapping("appPort", text, &mut ports, notices),
        }
    }
    for argument in arguments {
        if let Some(text) = argument.publish() {
            mapping(&argument.property(), text, &mut ports, notices);
        }
    }
    ports
}

/// `[address:]host port:container port[/protocol]`.
fn mapping(property: &str, text: &str, ports: &mut Vec<u16>, notices: &mut Notices<'_>) {
    let (text, transport) = text.split_once('/').unwrap_or((text, "tcp"));
    let (outside, inside) = text.rsplit_once(':').unwrap_or((text, text));
    match number(inside).filter(|_| transport == "tcp") {
        None => notices.ignored(property, "not a port that can be served"),
        Some(port) => {
            ports.push(port);
            if outside != inside {
                let instead = format!("the port is served at an address of its own, as {port}");
                notices.adapted(property, instead);
            }
        }
    }
}

/// The port of an address that means the workspace itself.
fn own_port(address: &str) -> Option<u16> {
    let (host, port) = address.rsplit_once(':')?;
    let own = ["localhost", "127.0.0.1", "0.0.0.0"].contains(&host);
    number(port).filter(|_| own)
}

fn number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}
