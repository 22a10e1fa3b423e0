//! `compose.yaml`: containers beside the code.

use super::draft::{Draft, Steps};
use super::listing::Listing;
use crate::gitpod_yml::yaml::{self, Node, Value};

const FILES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

pub(super) fn compose(listing: &Listing, draft: &mut Draft) {
    let Some(file) = listing.first(&FILES) else {
        return;
    };
    let mut steps = Steps::new("Containers");
    steps.command("docker compose up", format!("{file} is there"));
    draft.task(steps);
    let Ok(Some(root)) = yaml::read(listing.content(file)) else {
        return;
    };
    let services = root.get("services").map(Node::entries).unwrap_or_default();
    for service in services {
        let ports = service.value.get("ports").map(Node::items);
        for (start, end) in ports.unwrap_or_default().iter().filter_map(published) {
            let because = format!("the service `{}` of {file} publishes it", service.key);
            draft.ports(start, end, &service.key, because);
        }
    }
}

/// The ports of this machine that an entry publishes.
fn published(node: &Node) -> Option<(u16, u16)> {
    match &node.value {
        // An unquoted `8080:80` with a second number below 60 is one number to YAML 1.1; what stands there is what is meant.
        Value::Text(_) | Value::Integer(_) => {
            let text = defaults(node.shown());
            let text = text.split('/').next()?;
            let mut parts = text.rsplit(':');
            let container = parts.next()?;
            range(parts.next().unwrap_or(container))
        }
        Value::Map(_) => {
            let port = node.get("published").or_else(|| node.get("target"))?;
            range(&defaults(port.shown()))
        }
        _ => None,
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    match text.split_once('-') {
        Some((start, end)) => Some((start.parse().ok()?, end.parse().ok()?)),
        None => text.parse().ok().map(|port| (port, port)),
    }
}

/// `${NAME:-8080}` and `${NAME-8080}` as the default they have.
fn defaults(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        result.push_str(before);
        let (inside, after) = after.split_once('}').unwrap_or((after, ""));
        result.push_str(inside.split_once('-').map_or("", |(_, default)| default));
        rest = after;
    }
    result.push_str(rest);
    result
}
